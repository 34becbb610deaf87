"""Four customers of one tenant at once.

hang.py URL
"""

import sys
import threading
import urllib.request

WORKERS = 4
PATIENCE_S = 1.0


def ask(url):
    try:
        urllib.request.urlopen(url + "/?tenant=tea", timeout=PATIENCE_S).read()
    except OSError:
        return  # no answer: that is the point


threads = [threading.Thread(target=ask, args=(sys.argv[1],)) for _ in range(WORKERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("Four requests sent. /health does not answer until the shop is restarted.")
