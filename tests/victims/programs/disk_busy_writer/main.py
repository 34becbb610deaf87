# not hung
import os
import tempfile


class Journal:
    def __init__(self, path):
        self.file = open(path, "wb", buffering=0)
        self.written = 0

    def append(self, entry):
        self.file.write(entry)
        os.fsync(self.file.fileno())
        self.written += 1
        if self.written % 1000 == 0:
            self.file.seek(0)


journal = Journal(os.path.join(tempfile.mkdtemp(), "journal"))
print("ready", flush=True)
while True:
    journal.append(b"x" * 8192)
