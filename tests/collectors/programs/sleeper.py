import sys
import time


def wait():
    time.sleep(3600)


print("ready")
sys.stdout.flush()
wait()
