# cause: deadlock
import threading, time
class Service:
    def __init__(self):
        self.lock = threading.RLock()
        self.thread = threading.Thread(target=self.loop, daemon=True)
    def loop(self):
        while True:
            self.flush()
            time.sleep(0.05)
    def flush(self):
        with self.lock:  # culprit
            pass
    def stop(self):
        with self.lock:
            time.sleep(.2)
            self.thread.join()  # culprit
s = Service(); s.thread.start()
print("ready", flush=True)
s.stop()
