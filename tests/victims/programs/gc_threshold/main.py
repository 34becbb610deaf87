# cause: gc_thrash or: slow_progress guess: 1
# an interpreter without symbols, and one before 3.10, does not show its collector
import gc


class Node:
    def __init__(self, up):
        self.up = up  # culprit
        self.kids = [self]  # culprit


def build(limit):
    made = []
    while True:  # culprit
        made.append(Node(made))  # culprit
        if len(made) > limit:  # culprit
            made = []  # culprit


gc.set_threshold(1, 4, 1)
print("ready", flush=True)
build(30000)
