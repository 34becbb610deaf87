# cause: stopped child: 1 needs: psutil
import os
import time

import psutil


def import_images():
    while True:
        for _ in range(100000):
            pass
        time.sleep(0.01)


class Throttle:
    """Pauses a worker while the machine is busy."""

    def __init__(self, pid):
        self.worker = psutil.Process(pid)

    def run(self):
        time.sleep(0.2)
        self.worker.suspend()
        while psutil.cpu_percent(1.0) >= 0.0:
            time.sleep(1.0)
        self.worker.resume()


pid = os.fork()
if pid == 0:
    import_images()
print("ready", flush=True)
Throttle(pid).run()
