# cause: idle  function: -
from concurrent.futures import ThreadPoolExecutor
import socket
p=ThreadPoolExecutor(4); list(p.map(str,range(10)))
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(5)
print("ready",flush=True)
while True:
    c,_=s.accept(); p.submit(c.close)
