import threading
import time

LOCK = threading.Lock()
RATES = {"EUR": 1}


def fetch():
    time.sleep(500)
    return {"EUR": 2}


def refresh():
    while True:
        with LOCK:
            RATES.update(fetch())


def convert(amount):
    with LOCK:  # culprit
        return amount * RATES["EUR"]
