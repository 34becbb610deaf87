# cause: busy_loop
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "venv", "lib", "python3.12", "site-packages"))
from pricing import cart  # noqa


def checkout(items):
    total = cart.total(items)  # caller
    return total


print("ready", flush=True)
checkout(None)
