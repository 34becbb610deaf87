# cause: idle
import os
import tempfile
import time


def sweep(folder):
    for entry in os.scandir(folder):
        if entry.name.endswith(".tmp") and entry.stat().st_mtime < time.time() - 3600:
            os.unlink(entry.path)


def main():
    folder = tempfile.mkdtemp()
    print("ready", flush=True)
    while True:
        sweep(folder)
        time.sleep(300)


main()
