# cause: queue_starved
import queue
import threading

JOBS, DONE = queue.Queue(), []


def work():
    while True:
        name = JOBS.get()
        if not name.endswith(".csv"):
            continue
        DONE.append(name)
        JOBS.task_done()


for number in range(2):
    threading.Thread(target=work, daemon=True, name="import-%d" % number).start()
for name in ("a.csv", "b.csv", "notes.txt"):
    JOBS.put(name)
print("ready", flush=True)
JOBS.join()  # culprit
