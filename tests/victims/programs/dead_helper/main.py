# cause: deadlock
import threading
import time

import shelf

left, right = shelf.Shelf("left"), shelf.Shelf("right")
threading.Thread(target=shelf.move, args=(left, right), name="tidy").start()
threading.Thread(target=shelf.move, args=(right, left), name="refill").start()
print("ready", flush=True)
time.sleep(600)
