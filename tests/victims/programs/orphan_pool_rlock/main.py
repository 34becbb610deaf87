# cause: orphan_lock needs: cachetools
import threading
from concurrent.futures import ThreadPoolExecutor

from cachetools import TTLCache, cached

guard = threading.RLock()
prices = TTLCache(maxsize=100, ttl=60)


@cached(prices, lock=guard)
def price(article):
    return len(article)


def reload(rates):
    guard.acquire()
    prices.clear()
    for article, rate in rates.items():
        prices[article,] = int(rate)
    guard.release()


def quote(article):
    return price(article) + 1  # culprit


maintenance = ThreadPoolExecutor(max_workers=1, thread_name_prefix="maintenance")
maintenance.submit(reload, {"tea": "3", "milk": "two"}).exception()
for number in range(3):
    threading.Thread(target=quote, args=("tea",), name="request-%d" % number).start()
print("ready", flush=True)
threading.Event().wait()
