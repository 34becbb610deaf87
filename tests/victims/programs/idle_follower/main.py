# not hung
import os
import subprocess
import tempfile

path = os.path.join(tempfile.mkdtemp(), "access.log")
with open(path, "w") as log:
    log.write("GET /\n" * 10)


def follow(path):
    tail = subprocess.Popen(["tail", "-n", "5", "-F", path], stdout=subprocess.PIPE, universal_newlines=True)
    for line in tail.stdout:
        yield line.strip()


def main():
    seen = 0
    for line in follow(path):
        seen += 1
        if seen == 5:
            print("ready", flush=True)


main()
