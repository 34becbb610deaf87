"""Holds much of everything: threads, files, deep stacks, large locals. Arguments: threads, files, depth."""

import os
import sys
import threading
import time

threads, files, depth = map(int, sys.argv[1:4])
threading.stack_size(256 * 1024 if depth < 100 else 64 * 1024 * 1024)
sys.setrecursionlimit(depth + 100)
opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(files)]
above = threading.Semaphore(0)


def descend(left, ballast):
    if left:
        return descend(left - 1, [ballast, list(range(2000)), "x" * 5000])
    above.release()
    return time.sleep(3600)


for _ in range(threads):
    threading.Thread(target=descend, args=(depth, {}), daemon=True).start()
for _ in range(threads):
    above.acquire()
print("ready", flush=True)
time.sleep(3600)
