import threading
import time


class Shelf(object):
    def __init__(self, name):
        self.name, self.things = name, [1]
        self._busy = threading.RLock()

    def reserve(self):
        self._busy.acquire()  # culprit
        return self.things

    def leave(self):
        self._busy.release()


def move(source, target):
    things = source.reserve()
    time.sleep(0.2)
    target.reserve().extend(things)
    target.leave()
    source.leave()
