# not hung since: 3.8
import os, socket
s = socket.create_server(("127.0.0.1", 0))
for _ in range(2):
    if os.fork() == 0:
        while True: s.accept()
print("ready", flush=True)
while True: os.wait()
