# cause: blocked_subprocess needs: plumbum
from plumbum import local

sleep = local["sleep"]


class Release:
    def __init__(self, version):
        self.version = version

    def build(self):
        with local.env(VERSION=self.version):
            code, out, err = sleep["86400"].run(retcode=None)  # culprit
        return out

    def publish(self):
        return self.build()


print("ready", flush=True)
Release("1.4").publish()
