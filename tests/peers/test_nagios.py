"""Flapping, beside Nagios' own: a real one is told the same results, one a minute, with the same three attempts.

Nagios weighs changes among the last 21 results; ours counts relapses of what was told (decision 29). The table says for each
stream how many messages each of them sends in its hour and a half, and whether it calls it flapping; a difference that is
not in it fails.
"""

import random

import pytest

from bot.domain.messages import Operation
from bot.domain.observations import ServiceState
from bot.domain.rules import RuleOverride
from bot.domain.settings import InspectPolicy
from bot.ports import Store
from tests.flows.watch.night import night
from tests.peers.nagios import MINUTE_S, Stream, Told, judged

ROUNDS = 90
CHANGES = random.Random(20261130)


def repeated(*pattern: int) -> list[int]:
    return (list(pattern) * ROUNDS)[:ROUNDS]


STREAMS = {
    "well": Stream(repeated(0)),
    "one bad round": Stream([0] * 40 + [1] + [0] * 49),
    "one outage": Stream([0] * 30 + [1] * 20 + [0] * 40),
    "every other round": Stream(repeated(0, 1)),
    "every other round, told at the first": Stream(repeated(0, 1), attempts=1),
    "three and three": Stream(repeated(0, 0, 0, 1, 1, 1)),
    "six and six": Stream(repeated(*[0] * 6, *[1] * 6)),
    "every twenty minutes": Stream(repeated(*[0] * 14, *[1] * 6)),
    "by a coin": Stream([CHANGES.randrange(2) for _ in range(ROUNDS)]),
}
BOTH = {
    "well": (Told(0, flapped=False), Told(0, flapped=False)),
    "one bad round": (Told(0, flapped=False), Told(0, flapped=False)),
    "one outage": (Told(2, flapped=False), Told(2, flapped=False)),
    # three bad rounds in a row are a trouble for both, and there are never two
    "every other round": (Told(0, flapped=False), Told(0, flapped=False)),
    # one round is enough: Nagios calls its end at once, ours asks twice before it says that anything is well again
    "every other round, told at the first": (Told(6, flapped=True), Told(1, flapped=False)),
    "three and three": (Told(6, flapped=True), Told(7, flapped=True)),
    # too slow for Nagios' window: two messages for every turn, for ever. Ours falls silent with the third relapse
    "six and six": (Told(14, flapped=False), Told(7, flapped=True)),
    "every twenty minutes": (Told(8, flapped=False), Told(7, flapped=True)),
    "by a coin": (Told(12, flapped=True), Told(8, flapped=True)),
}
"""What Nagios makes of it, and what we do."""


@pytest.fixture(scope="module")
def nagios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    return judged(tmp_path_factory.mktemp("nagios"), STREAMS)


def ours(store: Store, stream: Stream) -> Told:
    """Judge the results by the built-in rule, and count what is posted: messages, and replies in their threads."""
    rule = RuleOverride(
        name="service_silent", attempts=stream.attempts, for_s=0.0 if stream.attempts == 1 else None
    )
    bot = night(store, rules=[rule], inspect=InspectPolicy(auto=False))
    posted, flapped = 0, False
    for bad in stream.results:
        bot.round(ServiceState.SILENT if bad else ServiceState.ANSWERING, after_s=MINUTE_S)
        posted += sum(one.operation in (Operation.POST, Operation.REPLY) for one in bot.said())
        flapped = flapped or any(one.flapping for one in store.alerts())
    return Told(posted, flapped)


@pytest.mark.parametrize("name", STREAMS)
def test_beside_nagios(name: str, nagios: dict[str, Told], store: Store) -> None:
    theirs, mine = BOTH[name]
    assert nagios[name] == theirs
    assert ours(store, STREAMS[name]) == mine
