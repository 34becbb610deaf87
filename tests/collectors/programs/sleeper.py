import sys
import time


def wait():
    print("ready")
    sys.stdout.flush()
    time.sleep(3600)


wait()
