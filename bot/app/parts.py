"""What every command is built of: the config, the clock, the log, the store, and all of it together as Services."""

import base64
import importlib.metadata
import os
import pwd
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot import config
from bot.calendars.duty import Calendars
from bot.calendars.ics import Ics
from bot.chat import slack
from bot.config.secrets import secret
from bot.domain.errors import EdgeFault, StoreFault
from bot.domain.routes import PagePath
from bot.domain.settings import Settings
from bot.hosts import open_hosts
from bot.hosts.sampler import Samplers
from bot.hosts.way_out import SLACK, WayOut
from bot.ports import ChatOut, Nobody, Pager, People, Services
from bot.store import migrate
from bot.store.history import SqlHistory
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from bot.telemetry import Logs, Meter, Unblocked, quiet_libraries
from bot.work.looks import OneAtATime

LOG_ENDS_WITHIN_S = 2.0
ID_RANDOM_BYTES = 5
AUDIT_KEY = "HANGBOT_AUDIT_KEY"
PAGERDUTY, SMTP = "PAGERDUTY_KEY", "SMTP_PASSWORD"
PASSPHRASE = "SSH_KEY_PASSPHRASE"  # noqa: S105 — its name
SECRETS = ("_TOKEN", "_SECRET", PAGERDUTY, "PASSWORD", PASSPHRASE, "HANGBOT_DATABASE_URL", AUDIT_KEY)
"""How the names of variables end that hold what a log must never show."""


class SystemClock:
    """Fulfils ports.Clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 — this is the clock that everybody else is handed

    def monotonic(self) -> float:
        return time.monotonic()


class RandomIds:
    """Fulfils ports.Ids: seconds since 1970, then 40 random bits, in an alphabet that sorts as the numbers do."""

    def new(self, prefix: str) -> str:
        number = int(time.time()).to_bytes(5, "big") + secrets.token_bytes(ID_RANDOM_BYTES)
        return f"{prefix}_{base64.b32hexencode(number).decode().lower()}"


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a command was started. `log`: a file for the log, else standard error."""

    config: Path | None
    verbose: bool
    environ: Mapping[str, str]
    log: Path | None = None

    def with_config(self, path: Path, environ: Mapping[str, str], *, log: Path) -> "Start":
        return replace(self, config=path, environ={**self.environ, **environ}, log=log)

    @property
    def has_config(self) -> bool:
        """Whether a config is named, or lies where one is looked for."""
        return bool(self.config or self.environ.get("HANGBOT_CONFIG") or config.is_found(Path.cwd()))

    def settings(self) -> Settings:
        quiet_libraries()
        path = config.find_config(self.config, environ=self.environ, cwd=Path.cwd())
        return config.load(path, environ=self.environ)


def version() -> str:
    return importlib.metadata.version("hangbot")


@contextmanager
def services(
    start: Start,
    settings: Settings,
    *,
    chat: ChatOut | None = None,
    people: People | None = None,
    meter: Meter | None = None,
    resident: bool = False,
) -> Iterator[Services]:
    """Build everything a handler or a flow is handed; close it at the end. `meter`: for a bot that runs. `resident`: hosts
    are asked as such a bot asks them.
    """
    clock = SystemClock()
    with logs(start, meter=meter) as telemetry, opened_store(start, settings) as store:
        history = SqlHistory(store.engine)
        hosts = open_hosts(
            settings.fleet,
            clock=clock,
            telemetry=telemetry,
            resident=resident or meter is not None,
            passphrase=secret(PASSPHRASE, start.environ),
        )
        try:
            yield Services(
                settings=settings,
                clock=clock,
                ids=RandomIds(),
                hosts=hosts,
                store=store,
                chat=chat or slack.Unconnected(),
                telemetry=telemetry,
                people=people or Nobody(),
                calendar=Ics(),
                looks=OneAtATime(),
                history=history,
                sampler=Samplers(),
                pagers=_pagers(start, settings),
                duty=Calendars(
                    {name: team.ical for name, team in settings.teams.items() if team.ical},
                    people=people or Nobody(),
                    clock=clock,
                    telemetry=telemetry,
                ),
                network=WayOut(
                    start.environ.get("SLACK_API_URL") or SLACK,
                    [settings.deadman.url] if settings.deadman else [],
                ),
            )
        finally:
            hosts.close()
            with suppress(StoreFault):
                history.flush()


def _pagers(start: Start, settings: Settings) -> Mapping[PagePath, Pager]:
    """Return the ways to page; their libraries are read where the config has one."""
    if not settings.paging.paths:
        return {}
    from bot.pages import pagers  # noqa: PLC0415 — lean at rest

    return pagers(
        settings,
        pagerduty_key=secret(PAGERDUTY, start.environ) or "",
        pagerduty_url=start.environ.get("PAGERDUTY_API_URL", ""),
        smtp_password=secret(SMTP, start.environ) or "",
    )


def require_pagers(built: Services) -> None:
    """Raise EdgeFault where the config pages by a way whose secret is missing."""
    if any(path not in built.pagers for path in built.settings.paging.paths):
        raise EdgeFault(
            f"The config pages by PagerDuty, and {PAGERDUTY} is not set: set it, or {PAGERDUTY}_FILE."
        )


@contextmanager
def logs(start: Start, *, meter: Meter | None = None) -> Iterator[Logs]:
    """Open the log. Nobody waits for it where a bot runs, which is where there is a meter."""
    known = [value for name, value in start.environ.items() if name.endswith(SECRETS)]
    with start.log.open("a", encoding="utf-8") if start.log else nullcontext(sys.stderr) as stream:
        if meter is None:
            yield Logs(verbose=start.verbose, secrets=known, stream=stream)
            return
        unblocked = Unblocked(stream)
        try:
            yield Logs(verbose=start.verbose, secrets=known, stream=unblocked, meter=meter)
        finally:
            unblocked.end(within_s=LOG_ENDS_WITHIN_S)


def bring_up_to_date(url: str, *, audit_key: str | None) -> None:
    """Migrate an SQLite database that is older than we are, in a child process: alembic never stays in ours.

    Raises StoreFault for a PostgreSQL database whose schema is not ours: others may be using it as it is.
    """
    if not migrate.is_ours_to_upgrade(url):
        migrate.require_current(url)
    elif not migrate.is_current(url):
        argv = (sys.executable, "-m", "bot.store.migrate", url)
        done = subprocess.run(
            argv, check=False, capture_output=True, text=True, env=import_path(), input=audit_key or ""
        )
        if done.returncode:
            raise StoreFault((done.stderr or done.stdout).strip().splitlines()[-1])


@contextmanager
def opened_store(start: Start, settings: Settings) -> Iterator[SqlStore]:
    """Open the store with the schema that this version needs; close it at the end."""
    key = secret(AUDIT_KEY, start.environ)
    bring_up_to_date(settings.database, audit_key=key)
    store = open_store(settings.database, audit_key=key)
    try:
        yield store
    finally:
        store.close()


def import_path() -> dict[str, str]:
    """Let a child process import this very package, wherever we were started from."""
    home = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}


def account() -> str:
    """Return the account's name; $LOGNAME and the like may name another one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
