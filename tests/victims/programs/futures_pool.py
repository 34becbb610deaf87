# cause: pool_exhausted  function: outer
from concurrent.futures import ThreadPoolExecutor
import time
p=ThreadPoolExecutor(2)
def inner(): return 1
def outer():
    time.sleep(.2)
    return p.submit(inner).result()  # culprit
fs=[p.submit(outer) for _ in range(4)]
time.sleep(.5); print("ready",flush=True); [f.result() for f in fs]
