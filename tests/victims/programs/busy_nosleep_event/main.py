# cause: busy_loop
import threading
import time


class Job:
    def __init__(self):
        self.done = threading.Event()
        self.progress = 0


def wait_for(job):
    while not job.done.is_set():  # culprit
        pass  # culprit


def main():
    job = Job()
    wait_for(job)


print("ready", flush=True)
main()
