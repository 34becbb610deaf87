# cause: blocked_subprocess or: blocked_pipe needs: pexpect
import pexpect


class Console:
    def __init__(self, command):
        self.child = pexpect.spawn(command, timeout=None)

    def login(self, name):
        self.child.expect("login: ")  # culprit
        self.child.sendline(name)


print("ready", flush=True)
Console("sleep 86400").login("admin")
