# cause: idle needs: watchdog
import tempfile
import time

from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

observer = Observer()
observer.schedule(FileSystemEventHandler(), tempfile.mkdtemp(), recursive=True)
observer.start()
print("ready", flush=True)
while True:
    time.sleep(1)
