# cause: blocked_subprocess
import subprocess
import sys

CONVERTER = "import sys\nfor page in range(100000):\n    sys.stdout.write('page %d converted\\n' % page)\n"


class Converter:
    def __init__(self, path):
        self.process = subprocess.Popen([sys.executable, "-c", CONVERTER, path], stdout=subprocess.PIPE)

    def finish(self):
        code = self.process.wait()  # culprit
        if code:
            raise RuntimeError(code)
        return self.process.stdout.read()


print("ready", flush=True)
Converter("catalogue.pdf").finish()
