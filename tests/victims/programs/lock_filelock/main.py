# cause: blocked_file_lock needs: filelock
import os
import tempfile
import time

import filelock

path = os.path.join(tempfile.mkdtemp(), "cache.lock")
if os.fork() == 0:
    with filelock.FileLock(path):
        time.sleep(86400)
time.sleep(0.3)


class Cache:
    def __init__(self, path):
        self.lock = filelock.FileLock(path)

    def refresh(self):
        with self.lock:  # culprit
            return self.rebuild()

    def rebuild(self):
        return {}


print("ready", flush=True)
Cache(path).refresh()
