# cause: disk_wait disk: silent
import os
import tempfile


def newest(folder):
    return max(os.scandir(folder), key=lambda entry: entry.stat().st_mtime)  # culprit


class Archive:
    def __init__(self, folder):
        self.folder = folder

    def restore(self):
        return newest(self.folder)


print("ready", flush=True)
Archive(os.path.join(tempfile.gettempdir(), "disk")).restore()
