# cause: idle
import signal
import threading

STOP = threading.Event()


def heartbeat():
    while not STOP.wait(60):
        print("alive")


signal.signal(signal.SIGTERM, lambda *args: STOP.set())
threading.Thread(target=heartbeat, name="heartbeat").start()
print("ready", flush=True)
while not STOP.is_set():
    STOP.wait(30)
