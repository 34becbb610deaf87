# not hung
import threading
import time


class Printer(object):
    def __init__(self):
        self._paper = threading.Lock()
        self._tray = threading.RLock()

    def _lock_all(self):
        self._tray.acquire()
        self._paper.acquire()

    def _unlock_all(self):
        self._paper.release()
        self._tray.release()

    def warm_up(self):
        self._lock_all()
        time.sleep(300)
        self._unlock_all()

    def level(self):
        with self._paper:
            return 3

    def trays(self):
        with self._tray:
            return 2


printer = Printer()
threading.Thread(target=printer.warm_up, name="warm-up", daemon=True).start()
time.sleep(0.2)
threading.Thread(target=printer.level, name="level", daemon=True).start()
threading.Thread(target=printer.trays, name="trays", daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
