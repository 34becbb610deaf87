# not hung
import signal
import threading
import time


class Heartbeat(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.beats = 0

    def run(self):
        while True:
            self.beats += 1
            time.sleep(30)


signal.signal(signal.SIGHUP, lambda *_: None)
Heartbeat().start()
print("ready", flush=True)
while True:
    signal.pause()
