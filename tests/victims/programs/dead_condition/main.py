# cause: deadlock
import threading
import time

ready = threading.Condition()
guard = threading.Lock()


def producer():
    with ready:
        time.sleep(0.3)
        with guard:  # culprit
            ready.notify()


def consumer():
    with guard:
        time.sleep(0.3)
        with ready:  # culprit
            ready.wait()


threads = [threading.Thread(target=producer), threading.Thread(target=consumer)]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
