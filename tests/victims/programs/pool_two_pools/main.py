# cause: blocked_network
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

REPORTS, DOWNLOADS = ThreadPoolExecutor(2), ThreadPoolExecutor(4)


def download(number):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as peer:
        return peer.recv(1000)  # culprit


def report(name):
    parts = [DOWNLOADS.submit(download, number) for number in range(2)]
    return [part.result() for part in parts]


jobs = [REPORTS.submit(report, name) for name in ("day", "week")]
print("ready", flush=True)
for job in jobs:
    job.result()
