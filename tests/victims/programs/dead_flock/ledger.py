import fcntl
import time


def locked(path):
    account = open(path, "a+")
    fcntl.flock(account, fcntl.LOCK_EX)  # culprit
    return account


def transfer(source, target, amount):
    with locked(source) as first:
        time.sleep(0.5)
        with locked(target) as second:
            first.write("-%d\n" % amount)
            second.write("%d\n" % amount)
