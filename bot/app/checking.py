"""`hangbot doctor`: Slack, the config, and hosts, all asked at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.app.parts import Start, services
from bot.config.secrets import secret
from bot.domain import checkups
from bot.domain.checkups import Checkup
from bot.domain.clues import clue
from bot.domain.errors import EdgeFault
from bot.domain.settings import Settings
from bot.flows import doctor
from bot.present import doctor as words

MOST_AT_ONCE = 16


def examine(start: Start, names: Sequence[str]) -> Iterator[Checkup]:
    """Yield the checkups of the hosts named; where none is, of Slack, the config and all hosts. Raises UnknownName."""
    settings = start.settings()
    hosts = [settings.fleet.host(name) for name in names] or list(settings.fleet.hosts.values())
    if not names:
        yield slack(start, settings)
        yield doctor.config(settings)
    with (
        services(start, settings, resident=True) as built,
        ThreadPoolExecutor(max(1, min(MOST_AT_ONCE, len(hosts)))) as pool,
    ):
        yield from pool.map(lambda spec: doctor.host(spec, built), hosts)


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
