"""What is said of a victim, as `hangbot inspect` prints it: `python -m tests.victims.shown NAME`."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bot.chat.console import render
from bot.present import diagnosis
from tests.clocks import RealClock
from tests.flows.follow.stage import fleet_of, inspected
from tests.stores import fresh_store
from tests.victims.running import running, victim


def main() -> int:
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder, running(sys.executable, victim(name)) as pid:
        store = fresh_store(Path(folder))
        services = replace(fleet_of(store, {"web1": "127.0.0.1"}), clock=RealClock())
        found = inspected(services, "web1", pid)
        store.close()
    found = replace(found, changed=())  # the checkout that it lies in is no deploy of it
    sys.stdout.write(render(diagnosis.message(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
