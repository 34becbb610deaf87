# cause: queue_starved
import queue
import threading

ROWS = queue.Queue(10)


def read_rows():
    for number in range(5):
        ROWS.put(number)
    raise OSError("the file ends here")


def total():
    seen = 0
    while True:
        row = ROWS.get()  # culprit
        if row is None:
            return seen
        seen += row


threading.excepthook = lambda args: None
reader = threading.Thread(target=read_rows)
reader.start()
print("ready", flush=True)
print(total())
