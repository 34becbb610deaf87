# cause: slow_progress  function: score
import threading
def score(rows):
    t=0
    for i in range(rows):
        t=(t*31+i)%1000003
    return t
print("ready",flush=True)
score(10**12)
