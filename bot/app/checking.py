"""`hangbot doctor` and `hangbot discover`: Slack, the config, and hosts, all asked at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from bot.app.parts import Start, services
from bot.config.secrets import secret
from bot.domain import checkups
from bot.domain.checkups import Checkup
from bot.domain.clues import clue
from bot.domain.discovery import Discovered
from bot.domain.errors import EdgeFault, HostFailure
from bot.domain.settings import Settings
from bot.domain.targets import HostSpec
from bot.flows import discover as discovering
from bot.flows import doctor
from bot.ports import Services
from bot.present import discovery as discovery_words
from bot.present import doctor as words

MOST_AT_ONCE = 16
T = TypeVar("T")


def examine(start: Start, names: Sequence[str]) -> Iterator[Checkup]:
    """Yield the checkups of the hosts named; where none is, of Slack, the config and all hosts. Raises UnknownName."""
    settings = start.settings()
    if not names:
        yield slack(start, settings)
        yield _config(start, settings)
    yield from _each(start, settings, names, doctor.host, resident=True)


def _config(start: Start, settings: Settings) -> Checkup:
    found = doctor.config(settings)
    if not any(team.ical for team in settings.teams.values()):
        return found
    with services(start, settings) as built:
        return replace(found, checks=(*found.checks, *doctor.on_call(built)))


def discover(start: Start, names: Sequence[str]) -> Iterator[Discovered | tuple[str, HostFailure]]:
    """Yield the proposals for each host named, or why there are none. Raises UnknownName."""

    def look(spec: HostSpec, built: Services) -> Discovered | tuple[str, HostFailure]:
        try:
            return discovering.host(spec, built)
        except HostFailure as failure:
            return spec.name, failure

    yield from _each(start, start.settings(), names, look, resident=False)


def _each(
    start: Start,
    settings: Settings,
    names: Sequence[str],
    look: Callable[[HostSpec, Services], T],
    *,
    resident: bool,
) -> Iterator[T]:
    """Look at the hosts named (all, where none is), all at once; yield what was found in their order."""
    hosts = [settings.fleet.host(name) for name in names] or list(settings.fleet.hosts.values())
    with (
        services(start, settings, resident=resident) as built,
        ThreadPoolExecutor(max(1, min(MOST_AT_ONCE, len(hosts)))) as pool,
    ):
        yield from pool.map(lambda spec: look(spec, built), hosts)


def proposals_text(found: Sequence[Discovered]) -> str:
    return discovery_words.text(found)


def proposals_document(found: Sequence[Discovered]) -> dict[str, Any]:
    return discovery_words.document(found)


def slack(start: Start, settings: Settings) -> Checkup:
    from bot.chat.slack.checkup import checks  # noqa: PLC0415 — slack_bolt takes 0.4 s to import
    from bot.chat.slack.tokens import read_tokens  # noqa: PLC0415

    try:
        tokens = read_tokens(start.environ, secret, http=settings.mode == "http")
    except EdgeFault as missing:
        return Checkup(
            subject="slack", checks=(checkups.fault("token", clue("doctor_as_written", text=str(missing))),)
        )
    return Checkup(subject="slack", checks=checks(tokens, settings))


def text(found: Checkup) -> str:
    return words.text(found)


def document(found: Sequence[Checkup]) -> dict[str, Any]:
    return words.document(found)
