# cause: blocked_subprocess  function: convert
import subprocess
def convert():
    subprocess.run(["sleep","60"])  # culprit
print("ready",flush=True); convert()
