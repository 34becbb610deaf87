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
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import config
from bot.calendars.ics import Ics
from bot.chat import console, slack
from bot.config.found_secrets import carries_password
from bot.config.secrets import secret
from bot.domain.actions import Action, ActionStatus
from bot.domain.audit import AuditEntry, Broken, verify
from bot.domain.diagnosis import Inspection
from bot.domain.errors import EdgeFault, Refusal, StoreFault
from bot.domain.invocations import Actor, Invocation, Via
from bot.domain.jobs import JobKind, JobStatus
from bot.domain.meetings.reading import read_wish
from bot.domain.meetings.slot import Answer
from bot.domain.meetings.zones import named_zone
from bot.domain.observations import Observation
from bot.domain.settings import Settings
from bot.domain.targets import Transport
from bot.flows import deliver, housekeeping, inspect, remediate, watch
from bot.hosts import open_hosts, trust
from bot.hosts.sampler import Samplers
from bot.ports import ChatOut, Nobody, People, Services
from bot.present import action as action_words
from bot.present import diagnosis as diagnosis_words
from bot.present import meetings as meeting_words
from bot.present import probe as probe_words
from bot.present import refusals
from bot.present.audit import Trail
from bot.store import SqlStore, copying, migrate, open_store
from bot.telemetry import Logs, Meter, Unblocked, quiet_libraries
from bot.web import address
from bot.work import terminal
from bot.work.inline import Jobs, Rounds
from handlers import router
from handlers.arguments import parse

TICK_S, DELIVER_S, HOME_S, LOOK_S, HOUSEKEEPING_S = 0.25, 0.5, 2.0, 10.0, 600.0
LOG_ENDS_WITHIN_S = 2.0
JOB_PATIENCE_S = 60.0
MOST_AT_ONCE = 32
ID_RANDOM_BYTES = 5
YEARS = range(1970, 9000)
AUDIT_KEY = "HANGBOT_AUDIT_KEY"
SECRETS = ("_TOKEN", "_SECRET", "PASSWORD", "HANGBOT_DATABASE_URL", AUDIT_KEY)
"""How the names of variables end that hold what a log must never show."""
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
def services(
    start: Start,
    settings: Settings,
    *,
    chat: ChatOut | None = None,
    people: People | None = None,
    meter: Meter | None = None,
) -> Iterator[Services]:
    """Build everything a handler or a flow is handed; close it at the end. `meter`: for a bot that runs."""
    clock = SystemClock()
    with logs(start, meter=meter) as telemetry, opened_store(start, settings) as store:
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
                people=people or Nobody(),
                calendar=Ics(),
                sampler=Samplers(),
            )
        finally:
            hosts.close()


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
    home = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}


# --- the bot


def run(start: Start, *, stop: threading.Event, http: str) -> None:
    """Run until `stop` is set; `http`: where /metrics and the like listen, or `off`.

    Raises EdgeFault where the chat cannot be used as it is set up, or the address not be listened on.
    """
    from bot.chat.slack.edge import SlackEdge, directory, sender  # noqa: PLC0415 — 0.4 s that only `run` needs
    from bot.chat.slack.tokens import read_tokens  # noqa: PLC0415
    from bot.schedule import Clockwork  # noqa: PLC0415
    from bot.web.health import Vitals  # noqa: PLC0415
    from bot.web.metrics import Metrics  # noqa: PLC0415
    from bot.web.site import listening, site  # noqa: PLC0415
    from bot.web.slack import Door  # noqa: PLC0415

    where = address.parse(http)
    settings = start.settings()
    over_http = settings.mode == "http"
    if over_http and where is None:
        raise EdgeFault("slack.mode is http, so Slack needs an address to call: leave `--http off` out.")
    tokens = read_tokens(start.environ, secret, http=over_http)
    metrics = Metrics()
    with (
        listening(where) as listener,
        services(
            start, settings, chat=sender(tokens), people=directory(tokens, settings), meter=metrics
        ) as built,
    ):
        worker = f"{socket.gethostname()}:{os.getpid()}"
        edge = SlackEdge(built, tokens, router.answer)
        rounds, jobs = Rounds(built), Jobs(built, worker=worker)
        clockwork = Clockwork(built.clock, built.telemetry)
        if settings.probes.enabled:
            clockwork.every(TICK_S, "rounds", rounds.tick)
        clockwork.every(TICK_S, "jobs", jobs.tick)
        clockwork.every(DELIVER_S, "deliver", lambda: deliver.deliver_due(built, worker=worker))
        clockwork.every(HOME_S, "home", edge.publish_home)
        clockwork.every(LOOK_S, "look", edge.look)
        clockwork.every(HOUSEKEEPING_S, "housekeeping", lambda: housekeeping.sweep(built))
        for warning in settings.warnings:
            built.telemetry.event("config", warning=warning)
        door = Door(edge.app, tokens.signing, built).page if over_http else None
        vitals = Vitals(chat=edge.trouble, lag=clockwork.lag)
        served = site(listener, built, vitals, metrics, slack=door) if listener else None
        try:
            if served is not None:
                served.start()
            remediate.void_questions(built)
            edge.start()
            clockwork.start()
            at = address.told(listener) if listener else address.OFF
            built.telemetry.event("running", version=version(), hosts=len(settings.fleet.hosts), http=at)
            while not stop.wait(1.0):
                clockwork.watch_clock()
        finally:
            built.telemetry.event("stopping")
            if served is not None:
                served.stop()
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


@dataclass(frozen=True, kw_only=True)
class Acted:
    """What became of a restart: as a document, in words, and whether a bot runs that goes on watching."""

    document: dict[str, Any]
    text: str
    outcome: str
    planned: bool
    watched_over: bool


def restart_now(
    start: Start, host: str, service: str, *, yes: bool, progress: Callable[[str], None]
) -> Acted:
    """Restart for a person at this terminal, or only plan it. Raises a Refusal where that cannot be."""
    settings = start.settings()
    spec = settings.fleet.host(host)
    here = f"local:{_account()}"
    with services(start, settings) as built:
        target = inspect.meant(built, spec, service, pid=None)
        invocation = Invocation(
            id=built.ids.new("cli"),
            actor=Actor(id=here, name=here, member=True, local=True),
            verb="restart",
            args=(host, service),
            text=f"hangbot restart {target.host} {target.service}",
            via=Via.CONSOLE,
            at=built.clock.now(),
        )
        action = terminal.restart(built, target=target, invocation=invocation, yes=yes, told=progress)
        return Acted(
            document=action_words.document(action),
            text=_action_text(built, action),
            outcome=action_words.outcome(action),
            planned=action.status is ActionStatus.PROPOSED,
            watched_over=terminal.is_watched_over(built),
        )


def _action_text(built: Services, action: Action) -> str:
    shown = action_words.message(action, now=built.clock.now(), zone=built.settings.timezone)
    return console.render(shown)


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
    people = _directory(start, settings) if verb == "review" else None
    with services(start, settings, people=people) as built:
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
        terminal.catch_up(built)
        reply = router.answer(invocation, built)
        parts = [console.render(reply.message)] if reply.message else []
        parts += [_result(built, job) for job in reply.jobs]
    return Said(text="\n".join(parts), refusal=reply.refusal)


def _directory(start: Start, settings: Settings) -> People | None:
    """Return who is who in the chat, where its token is at hand."""
    token = secret("SLACK_BOT_TOKEN", start.environ)
    if not token:
        return None
    from bot.chat.slack.edge import directory  # noqa: PLC0415 — 0.4 s that only a review needs
    from bot.chat.slack.tokens import Tokens  # noqa: PLC0415

    return directory(Tokens(bot=token, api_url=start.environ.get("SLACK_API_URL") or None), settings)


def _account() -> str:
    """Return the account's name; $LOGNAME and the like may name another one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _result(built: Services, job_id: str) -> str:
    """Do a job that nobody else has taken, or wait for whoever did; return its result in words."""
    waited = built.store.job(job_id)
    if waited is not None and waited.kind is JobKind.ACT:
        action = terminal.rest(built, str(waited.payload["action"]))
        asks = action.status is ActionStatus.PROPOSED
        more = f"\nTo say yes: {action_words.how_to_confirm(action)}" if asks else ""
        return _action_text(built, action) + more
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


def when(start: Start, words: Sequence[str], *, now: str | None, tz: str | None) -> Answer:
    """Read a date as `/hang review` does, `tz` counting before the config's zone and UTC. Raises EdgeFault."""
    zone = named_zone(tz) if tz else _config_zone(start)
    if zone is None:
        raise EdgeFault(f"I know no time zone `{tz}`. Write it like this: --tz Europe/Berlin")
    return read_wish(words, now=_moment(now, zone) if now else SystemClock().now(), zone=zone).when


def _config_zone(start: Start) -> ZoneInfo:
    found = start.config or start.environ.get("HANGBOT_CONFIG") or config.is_found(Path.cwd())
    return start.settings().timezone if found else ZoneInfo("UTC")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.year not in YEARS:
            raise ValueError(found.year)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EdgeFault(
            f"`{text}` is no moment. Write it like this: --now 2026-11-23T16:20:00+01:00"
        ) from error


def answer_document(answer: Answer) -> dict[str, Any]:
    return meeting_words.document(answer)


def answer_text(answer: Answer) -> str:
    return meeting_words.text(answer)


def manifest(url: str | None) -> str:
    return slack.manifest(url)


def audit(start: Start, host: str | None, *, limit: int, verified: bool) -> Trail:
    """Return the newest audit entries (of a host), or whether the chain is intact; for a host both, where it is."""
    settings, key = start.settings(), secret(AUDIT_KEY, start.environ)
    with opened_store(start, settings) as store:
        found = verify(store.audit_links(), key=key.encode() if key else None) if verified else None
        unread = verified and (host is None or isinstance(found, Broken))
        entries = None if unread else store.audit(limit=limit, host=host)[::-1]
    return Trail(entries=entries, zone=settings.timezone, found=found)


def db_upgrade(start: Start) -> str:
    url = start.settings().database
    migrate.upgrade(url, audit_key=secret(AUDIT_KEY, start.environ))
    return f"The schema is at {migrate.current(url)}."


def db_current(start: Start) -> str:
    url = start.settings().database
    return f"{migrate.current(url) or 'no schema yet'} (this version: {migrate.head()})"


def db_copy(start: Start, target: str) -> str:
    """Move everything to another database. Raises StoreFault, where nothing was moved."""
    if carries_password(target):
        raise StoreFault(
            "Everybody on this machine can read a command line: take the password out, and give it in PGPASSWORD or PGPASSFILE."
        )
    settings, key = start.settings(), secret(AUDIT_KEY, start.environ)
    bring_up_to_date(settings.database, audit_key=key)
    copied = copying.copy(settings.database, target, audit_key=key)
    listed = ", ".join(f"{number} {name}" for name, number in copied.items() if number) or "nothing"
    return f"Copied: {listed}. Write the new address under `database:` before you start the bot again."
