# not hung
import threading
import time

arrived = threading.Lock()
arrived.acquire()


def listen():
    while True:
        arrived.acquire()
        print("something came", flush=True)


def bring():
    time.sleep(60)
    arrived.release()


threading.Thread(target=listen, daemon=True).start()
threading.Thread(target=bring, daemon=True).start()
print("ready", flush=True)
time.sleep(600)
