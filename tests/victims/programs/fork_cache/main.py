# cause: fork_lock child: 1
import os
import sys
import threading
import time

import rates

threading.Thread(target=rates.refresh, daemon=True).start()
time.sleep(0.3)
child = os.fork()
if child == 0:
    print(rates.convert(12), file=sys.stderr)
    os._exit(0)
print("ready", flush=True)
time.sleep(600)
