# cause: orphan_lock
import threading
import time

from stock import Stock

stock = Stock({"tea": 4, "milk": 2})


def order(article, count):
    try:
        stock.take(article, count)
    except KeyError:
        pass


def serve(orders):
    for article, count in orders:
        order(article, count)


def report():
    while True:
        time.sleep(0.2)
        stock.level("tea")


first = threading.Thread(target=serve, args=([("tea", 1), ("coffee", 1)],), name="orders-1")
first.start()
first.join()
for number in range(2, 5):
    threading.Thread(target=serve, args=([("tea", 1)],), name="orders-%d" % number).start()
print("ready", flush=True)
threading.Event().wait()
