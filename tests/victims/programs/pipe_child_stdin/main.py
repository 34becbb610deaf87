# cause: blocked_pipe
import subprocess
import sys

SLOW = "import sys, time\nsys.stdin.readline()\ntime.sleep(86400)\n"


class Loader:
    def __init__(self):
        self.child = subprocess.Popen([sys.executable, "-c", SLOW], stdin=subprocess.PIPE)

    def feed(self, rows):
        for row in rows:
            self.child.stdin.write(row)  # culprit
        self.child.stdin.close()


def rows():
    for number in range(1000000):
        yield b"%d\tarticle\n" % number


print("ready", flush=True)
Loader().feed(rows())
