# cause: blocked_network  function: fetch
import socket,threading,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(5)
L=threading.Lock()
def fetch():
    with L:
        c=socket.create_connection(s.getsockname())
        return c.recv(10)  # culprit
def other():
    with L:
        pass
ts=[threading.Thread(target=fetch)]+[threading.Thread(target=other) for _ in range(3)]
for t in ts: t.start(); time.sleep(.1)
print("ready",flush=True); [t.join() for t in ts]
