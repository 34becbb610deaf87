# cause: blocked_network guess: 1 needs: gevent,requests
from gevent import monkey

monkey.patch_all()
import sys

import gevent
import requests


def crawl(number):
    return requests.get("http://127.0.0.1:%s/%d" % (sys.argv[1], number)).text


jobs = [gevent.spawn(crawl, number) for number in range(4)]
print("ready", flush=True)
gevent.joinall(jobs)
