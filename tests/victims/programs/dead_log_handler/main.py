# cause: deadlock
import logging
import threading
import time


class Journal(logging.Handler):
    """Writes what is logged into the shop's own list of events."""

    def __init__(self, shop):
        super().__init__()
        self.shop = shop

    def emit(self, record):
        with self.shop.lock:  # culprit
            self.shop.events.append(record.getMessage())


class Shop:
    def __init__(self):
        self.lock = threading.Lock()
        self.events = []
        self.log = logging.getLogger("shop")
        self.log.addHandler(Journal(self))

    def sell(self):
        with self.lock:
            time.sleep(0.4)
            self.log.warning("sold")  # culprit

    def greet(self):
        time.sleep(0.2)
        self.log.warning("welcome")


shop = Shop()
threads = [threading.Thread(target=work) for work in (shop.sell, shop.greet)]
for one in threads:
    one.start()
print("ready", flush=True)
for one in threads:
    one.join()
