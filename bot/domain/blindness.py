"""Where it is we who do not see: our own network is down, a host was not looked at, or nobody watches it any more."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.advance import longest_gap_s
from bot.domain.alerts import Severity
from bot.domain.clues import clue
from bot.domain.evaluation import Evaluation, State
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.rule import Rule
from bot.domain.targets import Target

SELF = Target(host="hangbot")
"""What an alert about the bot itself is about."""
LEAST, SHARE = 5, 0.5
UNSEEN = (ProbeOutcome.UNREACHABLE, ProbeOutcome.TIMEOUT)
UNREACHABLE = "host_unreachable"

ISOLATED = Rule(
    name="bot_isolated",
    severity=Severity.CRITICAL,
    passes=1,
    why="Half of the fleet and at least 5 hosts out of sight at once, and neither our gateway nor Slack answers: that is "
    "our own network. No host is called unreachable meanwhile.",
)
STALLED = Rule(
    name="probe_stalled",
    severity=Severity.WARNING,
    passes=1,
    why="Every round ends by its deadline, well or not: no round at all for three intervals means that we do not look.",
)
OWN = (ISOLATED, STALLED)
"""What is judged of the bot, besides the rules of the config."""


def unseen_hosts(observations: Collection[Observation], before: Collection[str]) -> set[str]:
    """Return the hosts that cannot be seen: by the newest rounds, else because they could not be `before`."""
    newest = {one.host: one.outcome in UNSEEN for one in observations}
    return {host for host, unseen in newest.items() if unseen} | (set(before) - newest.keys())


def is_suspicious(unseen: int, hosts: int) -> bool:
    """Return whether so many hosts are out of sight that our own network must be looked at first."""
    return unseen >= LEAST and unseen >= SHARE * hosts


def isolation(*, at: datetime, isolated: bool, unseen: int, hosts: int) -> Evaluation:
    said = clue("bot_isolated", unseen=unseen, hosts=hosts)
    return Evaluation(state=State.BAD if isolated else State.GOOD, at=at, reasons=(said,))


def stall(seconds: float, *, at: datetime, interval_s: float) -> Evaluation:
    """Return whether a host has not been looked at for too long: for so many seconds of a clock that never jumps."""
    bad = seconds > longest_gap_s(interval_s)
    return Evaluation(
        state=State.BAD if bad else State.GOOD,
        at=at,
        reasons=(clue("probe_stalled", seconds=round(seconds)),),
    )


LEFT_AFTER = timedelta(minutes=10)
"""An inventory may come back: so long nothing ends."""
