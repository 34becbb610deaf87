# cause: busy_loop
import select, socket
a, b = socket.socketpair()
b.close()
def serve(a):
    buf = b""
    while b"\n" not in buf:  # culprit
        r, _, _ = select.select([a], [], [], 5)  # culprit
        if r:  # culprit
            buf += a.recv(100)  # culprit
    return buf
print("ready", flush=True)
serve(a)
