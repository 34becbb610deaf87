# cause: blocked_network needs: paramiko
import sys

import paramiko


class Backup:
    def __init__(self, port):
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.port = port

    def fetch(self, path):
        self.client.connect("127.0.0.1", self.port, "backup", "", timeout=None, banner_timeout=86400)  # culprit
        return self.client.open_sftp().open(path).read()


print("ready", flush=True)
Backup(int(sys.argv[1])).fetch("/etc/hostname")
