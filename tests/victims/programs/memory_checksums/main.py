# not hung memory: 48
import os
import tempfile
import zlib


def write(path):
    with open(path, "wb") as backup:
        for _ in range(120):
            backup.write(os.urandom(1 << 20))


def checksum(path):
    value = 0
    with open(path, "rb") as backup:
        while True:
            block = backup.read(1 << 16)
            if not block:
                return value
            for _ in range(40):
                value = zlib.crc32(block, value)


path = os.path.join(tempfile.gettempdir(), "backup.bin")
write(path)
print("ready", flush=True)
for night in range(1000):
    checksum(path)
