# cause: busy_loop  function: poll_status
import time
class Client:
    state="pending"
    def status(self): return self.state
def poll_status(c):
    tries=0
    while c.status()!="done":
        tries+=1
    return tries
print("ready",flush=True); poll_status(Client())
