# cause: memory_pressure memory: 48
import mmap
import os
import random
import tempfile

RECORD, RECORDS = 4096, 40000


def build(path):
    with open(path, "wb") as index:
        for _ in range(RECORDS // 250):
            index.write(os.urandom(RECORD * 250))


class Index:
    def __init__(self, path):
        with open(path, "rb") as index:
            self.pages = mmap.mmap(index.fileno(), 0, access=mmap.ACCESS_READ)

    def weight(self, number):
        return self.pages[number * RECORD]  # culprit

    def rank(self, numbers):
        return sum(self.weight(number) for number in numbers)  # culprit


path = os.path.join(tempfile.gettempdir(), "index.bin")
build(path)
index = Index(path)
print("ready", flush=True)
while True:
    index.rank(random.sample(range(RECORDS), 1000))  # culprit
