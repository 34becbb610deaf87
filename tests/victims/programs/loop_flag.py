# cause: busy_loop  function: wait_ready
import threading
class Box: ready=False
def wait_ready(box):
    while not box.ready:
        pass  # culprit (or line above)
def serve():
    b=Box(); wait_ready(b)
threading.Thread(target=serve,name="srv").start(); print("ready",flush=True)
