# cause: stopped
import os
import signal
import threading
import time


def watch_stock():
    while True:
        time.sleep(0.1)


threading.Thread(target=watch_stock, daemon=True).start()
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGTSTP if os.isatty(0) else signal.SIGSTOP)
while True:
    time.sleep(1)
