# cause: blocked_file_lock
import os
import sqlite3
import tempfile
import time

path = os.path.join(tempfile.mkdtemp(), "shop.db")
setup = sqlite3.connect(path)
setup.execute("create table stock (article text, count integer)")
setup.commit()
setup.close()
if os.fork() == 0:
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("begin immediate")
    time.sleep(86400)
time.sleep(0.3)


class Stock:
    def __init__(self):
        self.db = sqlite3.connect(path, timeout=86400)

    def take(self, article):
        self.db.execute("update stock set count = count - 1 where article = ?", (article,))  # culprit
        self.db.commit()


print("ready", flush=True)
Stock().take("lamp")
