# cause: infinite_recursion needs: yaml
import time

import yaml

SETTINGS = """
defaults: &defaults
  timeout: 3
  retry: *defaults
shop:
  inherits: *defaults
"""


def flatten(settings, prefix=""):
    found = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            found.update(flatten(value, prefix + key + "."))  # culprit
        else:
            found[prefix + key] = value
    return found


class Reloader:
    def run(self):
        while True:
            try:
                return flatten(yaml.safe_load(SETTINGS))
            except RuntimeError:
                self.failed = time.time()


print("ready", flush=True)
Reloader().run()
