# cause: disk_wait disk: silent
import os
import signal
import tempfile


class Spool:
    def __init__(self, folder):
        self.folder = folder
        self.beats = 0
        signal.signal(signal.SIGALRM, self.beat)
        signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)

    def beat(self, *_):
        self.beats += 1

    def size(self, name):
        return os.stat(os.path.join(self.folder, name)).st_size  # culprit

    def deliver(self):
        return self.size("outbox")


print("ready", flush=True)
Spool(os.path.join(tempfile.gettempdir(), "disk")).deliver()
