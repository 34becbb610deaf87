# not hung
import queue,threading
q=queue.Queue()
def worker():
    while True:
        q.get()
ts=[threading.Thread(target=worker) for _ in range(3)]
[t.start() for t in ts]; print("ready",flush=True); [t.join() for t in ts]
