# cause: gil_held
import ctypes
import threading
import time

driver = ctypes.PyDLL(None)


class Scanner:
    def wait_for_page(self):
        driver.sleep(86400)  # culprit


def heartbeat(beats):
    while True:
        beats.append(time.time())
        time.sleep(0.05)


threading.Thread(target=heartbeat, args=([],), daemon=True).start()
print("ready", flush=True)
Scanner().wait_for_page()
