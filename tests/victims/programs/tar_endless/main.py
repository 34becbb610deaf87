# cause: busy_loop open: 1
import io
import tarfile


def upload():
    first = tarfile.TarInfo("readme").tobuf(tarfile.GNU_FORMAT)
    entry = tarfile.TarInfo("a.txt")
    block = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 10 + b"\xfe\x00"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % (sum(block[:512]) & 0o777777)
    return first + bytes(block) + b"\0" * 1024


class Backup:
    def __init__(self, data):
        self.archive = tarfile.open(fileobj=io.BytesIO(data))

    def names(self):
        return [member.name for member in self.archive]  # culprit


data = upload()
print("ready", flush=True)
Backup(data).names()
