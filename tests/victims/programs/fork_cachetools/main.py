# cause: fork_lock child: 1 needs: cachetools
import multiprocessing
import threading
import time

import cachetools

known = cachetools.LRUCache(maxsize=10)
guard = threading.RLock()


class Address(object):
    """Two addresses are compared by asking the directory, which may take long."""

    def __init__(self, text):
        self.text = text

    def __hash__(self):
        if threading.current_thread().name == "warm-up":
            time.sleep(500)
        return hash(self.text)

    def __eq__(self, other):
        return self.text == other.text


@cachetools.cached(known, key=Address, lock=guard)
def look_up(text):
    return text.upper()


def work():
    look_up("here")  # culprit


if __name__ == "__main__":
    threading.Thread(target=look_up, args=("there",), name="warm-up", daemon=True).start()
    time.sleep(0.3)
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    print("ready", flush=True)
    worker.join()
