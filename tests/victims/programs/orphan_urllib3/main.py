# cause: orphan_lock needs: urllib3
import threading

from urllib3.http2.probe import _HTTP2ProbeCache

CACHE = _HTTP2ProbeCache()


def connect(host):
    known = CACHE.acquire_and_get(host, 443)  # culprit
    if known is None:
        together.wait()
        CACHE.set_and_release(host, 443, True)
    return known


together = threading.Event()
threads = [threading.Thread(target=connect, args=("example.test",)) for _ in range(4)]
for thread in threads:
    thread.start()
together.set()
print("ready", flush=True)
for thread in threads:
    thread.join()
