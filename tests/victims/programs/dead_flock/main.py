# cause: deadlock
import os
import tempfile
import time

from ledger import transfer

folder = tempfile.mkdtemp()
accounts = [os.path.join(folder, name) for name in ("ada", "ben")]
child = os.fork()
if child == 0:
    transfer(accounts[1], accounts[0], 5)
    os._exit(0)
time.sleep(0.1)
print("ready", flush=True)
transfer(accounts[0], accounts[1], 7)
