# not hung
import ctypes
import threading
import time

libc = ctypes.CDLL(None)


def sensor(readings):
    while True:
        libc.usleep(200000)
        readings.append(time.time())


readings = []
threading.Thread(target=sensor, args=(readings,), daemon=True).start()
print("ready", flush=True)
while True:
    time.sleep(0.5)
    del readings[:]
