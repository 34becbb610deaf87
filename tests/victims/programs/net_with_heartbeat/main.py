# cause: blocked_network needs: httpx
import sys
import threading
import time

import httpx


class Watchdog(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True, name="watchdog")
        self.seen = {}

    def run(self):
        while True:
            self.seen["alive"] = time.time()
            sum(number * number for number in range(20000))
            time.sleep(0.02)


def sync(port):
    with httpx.Client(timeout=httpx.Timeout(None)) as client:
        return client.post("http://127.0.0.1:%s/sync" % port, json={"orders": [1, 2]}).json()  # culprit


Watchdog().start()
print("ready", flush=True)
sync(sys.argv[1])
