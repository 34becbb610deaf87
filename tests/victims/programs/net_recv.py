# cause: blocked_network  function: fetch
import socket,threading,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(5)
def fetch():
    c=socket.create_connection(s.getsockname())
    c.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return c.recv(10)  # culprit
print("ready",flush=True); fetch()
