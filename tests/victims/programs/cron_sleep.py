# not hung
import time
def work(): sum(range(100000))
print("ready",flush=True)
while True:
    work(); time.sleep(0.05)
