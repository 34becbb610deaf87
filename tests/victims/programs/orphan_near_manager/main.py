# not hung
import threading
import time
from contextlib import contextmanager

_door = threading.RLock()
_ledger = threading.Lock()


@contextmanager
def closing(day):
    """Nothing may be booked while a day is closed."""
    with _door, _ledger:
        yield day


def close_the_day():
    while True:
        with closing(1):
            time.sleep(300)
        time.sleep(1)


def book(amount):
    with _ledger:
        return amount


def enter():
    with _door:
        return True


threading.Thread(target=close_the_day, name="closing", daemon=True).start()
time.sleep(0.2)
threading.Thread(target=book, args=(3,), name="booking", daemon=True).start()
threading.Thread(target=enter, name="entering", daemon=True).start()
print("ready", flush=True)
time.sleep(600)
