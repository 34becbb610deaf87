"""The composition root: the only file that names concrete adapters, and what each command does with them."""

import base64
import importlib.metadata
import json
import os
import pwd
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import config
from bot.chat import console, slack
from bot.config.secrets import secret
from bot.domain.audit import AuditEntry
from bot.domain.diagnosis import Inspection
from bot.domain.errors import EdgeFault, Refusal, StoreFault
from bot.domain.invocations import Actor, Invocation, Via
from bot.domain.jobs import JobStatus
from bot.domain.observations import Observation
from bot.domain.settings import Settings
from bot.domain.targets import Transport
from bot.flows import deliver, housekeeping, inspect, watch
from bot.hosts import open_hosts, trust
from bot.hosts.sampler import Samplers
from bot.ports import ChatOut, Services
from bot.present import diagnosis as diagnosis_words
from bot.present import probe as probe_words
from bot.present import refusals
from bot.store import migrate, open_store
from bot.telemetry import Logs, quiet_libraries
from bot.work.inline import Jobs, Rounds
from handlers import router
from handlers.arguments import parse

TICK_S, DELIVER_S, HOME_S, HOUSEKEEPING_S = 0.25, 0.5, 2.0, 600.0
JOB_PATIENCE_S = 60.0
MOST_AT_ONCE = 32
ID_RANDOM_BYTES = 5
HostKey = trust.HostKey


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

    def settings(self) -> Settings:
        quiet_libraries()
        path = config.find_config(self.config, environ=self.environ, cwd=Path.cwd())
        return config.load(path, environ=self.environ)


def version() -> str:
    return importlib.metadata.version("hangbot")


# --- what commands share


@contextmanager
def services(start: Start, settings: Settings, *, chat: ChatOut | None = None) -> Iterator[Services]:
    """Build everything a handler or a flow is handed; close it at the end."""
    clock = SystemClock()
    with logs(start) as telemetry:
        bring_up_to_date(settings.database)
        store = open_store(settings.database)
        hosts = open_hosts(settings.fleet, clock=clock, telemetry=telemetry)
        try:
            yield Services(
                settings=settings,
                clock=clock,
                ids=RandomIds(),
                hosts=hosts,
                store=store,
                chat=chat or slack.Unconnected(),
                telemetry=telemetry,
                sampler=Samplers(),
            )
        finally:
            hosts.close()
            store.close()


@contextmanager
def logs(start: Start) -> Iterator[Logs]:
    known = [
        value for name, value in start.environ.items() if name.endswith(("_TOKEN", "_SECRET", "_PASSWORD"))
    ]
    if start.log is None:
        yield Logs(verbose=start.verbose, secrets=known)
        return
    with start.log.open("a", buffering=1, encoding="utf-8") as stream:
        yield Logs(verbose=start.verbose, secrets=known, stream=stream)


def bring_up_to_date(url: str) -> None:
    """Migrate an SQLite database that is older than we are, in a child process: alembic never stays in ours.

    Raises StoreFault for PostgreSQL, which this version does not have.
    """
    _refuse_other(url)
    if migrate.is_current(url):
        return
    argv = (sys.executable, "-m", "bot.store.migrate", url)
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=import_path())
    if done.returncode:
        raise StoreFault((done.stderr or done.stdout).strip().splitlines()[-1])


def _refuse_other(url: str) -> None:
    if not url.startswith("sqlite"):
        raise StoreFault("PostgreSQL is not in this version: write `database: sqlite:///hangbot.db`.")


def import_path() -> dict[str, str]:
    """Let a child process import this very package, wherever we were started from."""
    home = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}


# --- the bot


def run(start: Start, *, stop: threading.Event) -> None:
    """Run until `stop` is set. Raises EdgeFault where the chat cannot be used as it is set up."""
    from bot.chat.slack.edge import SlackEdge, read_tokens, sender  # noqa: PLC0415 — 0.3 s that only `run` needs
    from bot.schedule import Clockwork  # noqa: PLC0415

    settings = start.settings()
    tokens = read_tokens(start.environ, secret)
    with services(start, settings, chat=sender(tokens)) as built:
        worker = f"{socket.gethostname()}:{os.getpid()}"
        edge = SlackEdge(built, tokens, router.answer)
        rounds, jobs = Rounds(built), Jobs(built, worker=worker)
        clockwork = Clockwork(built.clock, built.telemetry)
        if settings.probes.enabled:
            clockwork.every(TICK_S, "rounds", rounds.tick)
        clockwork.every(TICK_S, "jobs", jobs.tick)
        clockwork.every(DELIVER_S, "deliver", lambda: deliver.deliver_due(built, worker=worker))
        clockwork.every(HOME_S, "home", edge.publish_home)
        clockwork.every(HOUSEKEEPING_S, "housekeeping", lambda: housekeeping.sweep(built))
        for warning in settings.warnings:
            built.telemetry.event("config", warning=warning)
        try:
            edge.start()
            clockwork.start()
            built.telemetry.event("running", version=version(), hosts=len(settings.fleet.hosts))
            while not stop.wait(1.0):
                clockwork.watch_clock()
        finally:
            built.telemetry.event("stopping")
            edge.stop()
            clockwork.stop()
            rounds.stop()
            jobs.stop()


# --- one answer at a time


def check(start: Start) -> str:
    """Return what the config says, or raise ConfigFault."""
    return config.describe(start.settings())


def probe(start: Start, names: Sequence[str]) -> Iterator[Observation]:
    """Take one round of the hosts named (all, where none is), all at once; yield them in order."""
    settings = start.settings()
    hosts = [settings.fleet.host(name).name for name in names] or list(settings.fleet.hosts)
    with (
        services(start, settings) as built,
        ThreadPoolExecutor(max(1, min(MOST_AT_ONCE, len(hosts)))) as pool,
    ):
        yield from pool.map(lambda host: watch.probe_now(host, built), hosts)


def observation_json(observation: Observation) -> str:
    return json.dumps(probe_words.document(observation))


def observation_text(observation: Observation) -> str:
    return console.render(probe_words.message(observation))


def inspect_now(
    start: Start, host: str, service: str | None, pid: int | None, *, progress: Callable[[str], None]
) -> Inspection:
    """Inspect for a person at this terminal. Raises UnknownName for a host or service nobody knows, and BadArgument."""
    settings = start.settings()
    spec = settings.fleet.host(host)
    with services(start, settings) as built:
        target = inspect.meant(built, spec, service, pid=pid)
        return inspect.inspect(target, built, pid=pid, asked_by_person=True, progress=progress)


def inspection_document(inspection: Inspection) -> dict[str, Any]:
    return diagnosis_words.document(inspection)


def inspection_text(inspection: Inspection) -> str:
    return console.render(diagnosis_words.message(inspection))


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a chat line was answered. `refusal`: why it was not done, None where it was."""

    text: str
    refusal: Refusal | None = None


def say(start: Start, line: str, *, user: str | None, channel: str) -> Said:
    """Put one chat line through the handlers; wait for the work it starts, and return the answer as text."""
    settings = start.settings()
    here = f"local:{_account()}"
    actor = (
        Actor(id=user, name=user, member=True) if user else Actor(id=here, name=here, member=True, local=True)
    )
    try:
        verb, args = parse(line)
    except Refusal as refusal:
        return Said(text=refusal_text(refusal), refusal=refusal)
    with services(start, settings) as built:
        now = built.clock.now()
        invocation = Invocation(
            id=built.ids.new("say"),
            actor=actor,
            verb=verb,
            args=args,
            text=line,
            channel=channel,
            via=Via.CONSOLE,
            at=now,
        )
        entry = AuditEntry(
            id=built.ids.new("aud"),
            at=now,
            actor=here,
            on_behalf_of=user or "",
            verb=verb or "help",
            target=" ".join(args),
        )
        built.store.commit(audit=[entry])
        reply = router.answer(invocation, built)
        parts = [console.render(reply.message)] if reply.message else []
        parts += [_result(built, job) for job in reply.jobs]
    return Said(text="\n".join(parts), refusal=reply.refusal)


def _account() -> str:
    """Return the account's name; $LOGNAME and the like may name another one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _result(built: Services, job_id: str) -> str:
    """Do a job that nobody else has taken, or wait for whoever did; return its result in words."""
    worker, end = f"say:{os.getpid()}", built.clock.monotonic() + JOB_PATIENCE_S
    jobs = Jobs(built, worker=worker)
    try:
        while built.clock.monotonic() < end:
            jobs.tick()
            job = built.store.job(job_id)
            if job is not None and job.status in (JobStatus.DONE, JobStatus.FAILED):
                found = built.store.inspection(job.result)
                return inspection_text(found) if found else "It failed; the log says why."
            time.sleep(0.1)
    finally:
        jobs.stop()
    return "It takes longer than a minute; ask again with the same line."


def scan_keys(start: Start, host: str) -> list[HostKey]:
    """Return the keys that a host shows, nobody having vouched for them."""
    spec = start.settings().fleet.host(host)
    if spec.transport is Transport.LOCAL:
        raise EdgeFault(f"{spec.name} is this machine: there is no key to enrol.")
    return trust.scan(spec, timeout_s=spec.connect_timeout_s)


def enrol_keys(start: Start, host: str, keys: Sequence[HostKey]) -> None:
    trust.enrol(start.settings().fleet.host(host), keys)


def refusal_text(refusal: Refusal) -> str:
    return console.render(refusals.message(refusal))


def manifest() -> str:
    return slack.manifest()


def db_upgrade(start: Start) -> str:
    url = start.settings().database
    _refuse_other(url)
    migrate.upgrade(url)
    return f"The schema is at {migrate.current(url)}."


def db_current(start: Start) -> str:
    url = start.settings().database
    _refuse_other(url)
    return f"{migrate.current(url) or 'no schema yet'} (this version: {migrate.head()})"
