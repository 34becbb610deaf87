import threading


class Stock(object):
    def __init__(self, levels):
        self.levels = levels
        self.guard = threading.Lock()

    def take(self, article, count):
        self.guard.acquire()  # culprit
        self.levels[article] -= count
        self.guard.release()

    def level(self, article):
        with self.guard:  # culprit
            return self.levels[article]
