"""What is looked up for a person at a terminal, and changes nothing: the config, a round, an inspection, host keys, dates."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import config
from bot.app.parts import PASSPHRASE, Start, SystemClock, logs, services
from bot.chat import console, slack
from bot.config.secrets import secret
from bot.domain.diagnosis import Inspection
from bot.domain.errors import EdgeFault, Refusal
from bot.domain.meetings.reading import read_wish
from bot.domain.meetings.slot import Answer
from bot.domain.meetings.zones import named_zone
from bot.domain.observations import Observation
from bot.domain.targets import Transport
from bot.flows import inspect, watch
from bot.hosts import opened_ways, trust
from bot.present import diagnosis as diagnosis_words
from bot.present import meetings as meeting_words
from bot.present import probe as probe_words
from bot.present import refusals

MOST_AT_ONCE = 32
YEARS = range(1970, 9000)
HostKey = trust.HostKey


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


def dump_text(inspection: Inspection) -> str:
    """Return the whole stacks: a terminal has no files beside it."""
    return "\n".join(map(console.printable, inspection.stacks.splitlines())) or inspection_text(inspection)


def scan_keys(start: Start, host: str) -> list[HostKey]:
    """Return the keys that a host shows, nobody having vouched for them."""
    settings = start.settings()
    spec = settings.fleet.reached(host)
    if spec.transport is Transport.LOCAL:
        raise EdgeFault(f"{spec.name} is this machine: there is no key to enrol.")
    passphrase = secret(PASSPHRASE, start.environ)
    with logs(start) as telemetry, opened_ways(telemetry, passphrase=passphrase) as ways:
        return trust.scan(spec, timeout_s=spec.connect_timeout_s, ways=ways)


def enrol_keys(start: Start, host: str, keys: Sequence[HostKey]) -> None:
    trust.enrol(start.settings().fleet.reached(host), keys)


def refusal_text(refusal: Refusal) -> str:
    return console.render(refusals.message(refusal))


def when(start: Start, words: Sequence[str], *, now: str | None, tz: str | None) -> Answer:
    """Read a date as `/hang review` does, `tz` counting before the config's zone and UTC. Raises EdgeFault."""
    zone = named_zone(tz) if tz else _config_zone(start)
    if zone is None:
        raise EdgeFault(f"I know no time zone `{tz}`. Write it like this: --tz Europe/Berlin")
    return read_wish(words, now=_moment(now, zone) if now else SystemClock().now(), zone=zone).when


def _config_zone(start: Start) -> ZoneInfo:
    return start.settings().timezone if start.has_config else ZoneInfo("UTC")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise EdgeFault(f"`{text}` is no moment. Write it like this: --now 2026-11-23T16:20:00+01:00")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def answer_document(answer: Answer) -> dict[str, Any]:
    return meeting_words.document(answer)


def answer_text(answer: Answer) -> str:
    return meeting_words.text(answer)


def manifest(url: str | None) -> str:
    return slack.manifest(url)
