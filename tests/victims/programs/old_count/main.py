# cause: busy_loop since: 2.7
import sys


def settle(amounts):
    left = list(amounts)
    while left:  # culprit
        first = left[0]  # culprit
        if first > 0:  # culprit
            left.append(left.pop(0))  # culprit
        else:
            left.pop(0)


sys.stdout.write("ready\n")
sys.stdout.flush()
settle([3, 4])
