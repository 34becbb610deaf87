# cause: blocked_subprocess or: blocked_pipe
import subprocess


def start_cache(port):
    done = subprocess.run("sleep 86400 & echo started %d" % port, shell=True, stdout=subprocess.PIPE)  # culprit
    return done.stdout.decode().split()[1]


print("ready", flush=True)
start_cache(11211)
