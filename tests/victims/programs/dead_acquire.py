# cause: deadlock  function: move
import threading,time
class Account:
    def __init__(self): self.lock=threading.Lock()
def move(src,dst):
    src.lock.acquire()
    try:
        time.sleep(.2)
        dst.lock.acquire()  # culprit
        dst.lock.release()
    finally:
        src.lock.release()
x,y=Account(),Account()
ts=[threading.Thread(target=move,args=p) for p in ((x,y),(y,x))]
[t.start() for t in ts]; time.sleep(.5); print("ready",flush=True); [t.join() for t in ts]
