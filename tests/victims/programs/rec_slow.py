# cause: infinite_recursion  function: descend
import time,sys
sys.setrecursionlimit(10**6)
def descend(n):
    time.sleep(0.05)
    return descend(n+1)  # culprit
print("ready",flush=True)
descend(0)
