"""Takes lines, but thinks before."""

import time


def think() -> None:
    time.sleep(3600)


think()
