"""A Nagios of the tests' own that is told results instead of checking, and whose log says what it made of them."""

import getpass
import grp
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.programs import program

STARTS_WITHIN_S = 30.0
STARTED_AT = 1_790_000_000
MINUTE_S = 60
OBJECTS = """
define timeperiod {
  timeperiod_name always
  alias always
  %(days)s
}
define command {
  command_name none
  command_line /bin/true
}
define contact {
  contact_name ana
  host_notification_commands none
  service_notification_commands none
  host_notification_period always
  service_notification_period always
  host_notification_options d,u,r,f
  service_notification_options w,u,c,r,f
}
define host {
  host_name web1
  address 127.0.0.1
  active_checks_enabled 0
  max_check_attempts 1
  check_period always
  contacts ana
  notification_period always
}
"""
SERVICE = """
define service {
  host_name web1
  service_description %(name)s
  check_command none
  active_checks_enabled 0
  passive_checks_enabled 1
  max_check_attempts %(attempts)s
  check_interval 1
  retry_interval 1
  check_period always
  contacts ana
  notification_period always
  notification_interval 0
}
"""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Stream:
    """One result a minute (0 good, 1 bad), and how many bad ones in a row are a trouble."""

    results: Sequence[int]
    attempts: int = 3


@dataclass(frozen=True)
class Told:
    """What was made of a stream: how many messages, and whether it was called flapping."""

    notifications: int
    flapped: bool


def judged(folder: Path, streams: Mapping[str, Stream]) -> dict[str, Told]:
    """Tell Nagios the results of all streams, and return what it made of them with its default thresholds."""
    with _nagios(folder, streams) as log:
        with (folder / "commands").open("w") as commands:
            for name, stream in streams.items():
                for number, result in enumerate(stream.results):
                    at = STARTED_AT + number * MINUTE_S
                    commands.write(
                        f"[{at}] PROCESS_SERVICE_CHECK_RESULT;web1;{name};{2 * result};round {number}\n"
                    )
        _until(lambda: _seen(log, streams), "took all results")
        lines = log.read_text().splitlines()
    return {
        name: Told(
            notifications=sum(f"SERVICE NOTIFICATION: ana;web1;{name};" in line for line in lines),
            flapped=any(f"SERVICE FLAPPING ALERT: web1;{name};STARTED" in line for line in lines),
        )
        for name in streams
    }


def _seen(log: Path, streams: Mapping[str, Stream]) -> bool:
    return log.read_text().count("] PASSIVE SERVICE CHECK: ") >= sum(
        len(one.results) for one in streams.values()
    )


@contextmanager
def _nagios(folder: Path, streams: Mapping[str, Stream]) -> Iterator[Path]:
    nagios = program("nagios4", "nagios4-core")
    log, config = folder / "log", folder / "nagios.cfg"
    always = "\n  ".join(f"{day} 00:00-24:00" for day in DAYS)
    (folder / "objects.cfg").write_text(
        OBJECTS % {"days": always}
        + "".join(SERVICE % {"name": name, "attempts": one.attempts} for name, one in streams.items())
    )
    (folder / "spool").mkdir()
    places = {
        "cfg_file": "objects.cfg",
        "log_file": "log",
        "status_file": "status",
        "object_cache_file": "cache",
        "command_file": "commands",
        "query_socket": "query",
        "lock_file": "lock",
        "temp_file": "temp",
        "temp_path": "",
        "check_result_path": "spool",
        "state_retention_file": "retained",
    }
    settings = {
        **{key: str(folder / name) for key, name in places.items()},
        "check_external_commands": "1",
        "enable_flap_detection": "1",
        "enable_notifications": "1",
        "retain_state_information": "0",
        "log_passive_checks": "1",
        "use_syslog": "0",
        "check_for_updates": "0",
        "nagios_user": getpass.getuser(),
        "nagios_group": grp.getgrgid(os.getgid()).gr_name,
    }
    config.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    process = subprocess.Popen([nagios, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until((folder / "commands").is_fifo, "started")
        yield log
    finally:
        process.terminate()
        process.wait(30)


def _until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while not true():
        assert time.monotonic() < end, f"Nagios never {what}"
        time.sleep(0.05)
