# cause: busy_loop
import queue
import threading


class Dispatcher:
    def __init__(self):
        self.queue = queue.Queue()
        self.running = True

    def run(self):
        while self.running:  # culprit
            try:
                job = self.queue.get_nowait()  # culprit
            except queue.Empty:  # culprit
                continue  # culprit
            job()


dispatcher = Dispatcher()
thread = threading.Thread(target=dispatcher.run, name="dispatcher")
thread.start()
print("ready", flush=True)
thread.join()
