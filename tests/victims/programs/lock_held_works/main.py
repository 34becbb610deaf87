# not hung needs: portalocker
import hashlib
import os
import tempfile

import portalocker


class OnlyOne:
    def __init__(self, path):
        self.file = open(path, "w")
        portalocker.lock(self.file, portalocker.LOCK_EX | portalocker.LOCK_NB)


def thumbnails(folder):
    number = 0
    while number < 10 ** 9:
        digest = hashlib.sha256(b"%d" % number).hexdigest()
        path = os.path.join(folder, digest[:2])
        with open(path, "w") as out:
            out.write(digest)
        number += 1


folder = tempfile.mkdtemp()
only = OnlyOne(os.path.join(folder, "lock"))
print("ready", flush=True)
thumbnails(folder)
