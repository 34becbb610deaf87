# cause: deadlock  function: inner
import threading
l=threading.Lock()
def inner():
    with l:  # culprit
        return 1
def outer():
    with l:
        return inner()
print("ready",flush=True); outer()
