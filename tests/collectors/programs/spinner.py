import sys


def spin():
    wanted = 7
    found = 0
    while found != wanted:
        found = found * 1


print("ready")
sys.stdout.flush()
spin()
