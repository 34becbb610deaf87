# not hung campaign: 1
import time
def work(): sum(range(100000))
print("ready",flush=True)
while True:
    work(); time.sleep(0.05)
