# not hung memory: 48
import mmap
import os
import tempfile
import zlib

SIZE = 160 << 20


def build(path):
    with open(path, "wb") as file:
        for _ in range(160):
            file.write(os.urandom(1 << 20))


def checksum(pages):
    total = 0
    for at in range(0, SIZE, 1 << 16):
        total = zlib.crc32(pages[at : at + (1 << 16)], total)
    return total


path = os.path.join(tempfile.gettempdir(), "archive.bin")
build(path)
with open(path, "rb") as archive:
    pages = mmap.mmap(archive.fileno(), 0, access=mmap.ACCESS_READ)
print("ready", flush=True)
while True:
    checksum(pages)
