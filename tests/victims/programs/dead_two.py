# cause: deadlock  function: debit,credit
import threading,time
a=threading.Lock(); b=threading.RLock()
def debit():
    with a:
        time.sleep(.2)
        with b:  # culprit
            pass
def credit():
    with b:
        time.sleep(.2)
        with a:  # culprit
            pass
ts=[threading.Thread(target=f) for f in (debit,credit)]
[t.start() for t in ts]; time.sleep(.4); print("ready",flush=True); [t.join() for t in ts]
