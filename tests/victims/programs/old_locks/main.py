# cause: deadlock since: 2.7
import sys
import threading
import time

ORDERS, STOCK = threading.Lock(), threading.Lock()


def place():
    with ORDERS:
        time.sleep(0.2)
        with STOCK:  # culprit
            pass


def restock():
    with STOCK:
        time.sleep(0.2)
        with ORDERS:  # culprit
            pass


workers = [threading.Thread(target=place), threading.Thread(target=restock)]
for worker in workers:
    worker.start()
sys.stdout.write("ready\n")
sys.stdout.flush()
for worker in workers:
    worker.join()
