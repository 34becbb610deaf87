# cause: blocked_pipe
import os
import tempfile


class Control:
    def __init__(self, folder):
        self.path = os.path.join(folder, "control")
        os.mkfifo(self.path)

    def announce(self, state):
        with open(self.path, "w") as pipe:  # culprit
            pipe.write(state + "\n")


control = Control(tempfile.mkdtemp())
print("ready", flush=True)
control.announce("started")
