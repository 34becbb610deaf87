# cause: queue_starved
import threading


class Report:
    """Four parts are read side by side; when all are there, each thread adds up its own."""

    def __init__(self, names):
        self.names = names
        self.complete = threading.Barrier(len(names))

    def read(self, name):
        if name.startswith("#"):
            raise ValueError("no such part: " + name)
        return [len(name)] * 1000

    def part(self, name):
        rows = self.read(name)
        self.complete.wait()  # culprit
        return sum(rows)


threading.excepthook = lambda told: None
report = Report(["north", "south", "#east", "west"])
threads = [threading.Thread(target=report.part, args=(name,)) for name in report.names]
for one in threads:
    one.start()
print("ready", flush=True)
for one in threads:
    one.join()
