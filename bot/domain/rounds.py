"""When a host is looked at next. All times here are seconds of a clock that never jumps."""

from dataclasses import dataclass
from hashlib import blake2b

from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.settings import ProbePolicy

START_WITHIN_S = 10.0
"""Within how many seconds of the start every host is looked at once."""
BREATH_S = 0.5
"""How long a host is left alone between two rounds, however long the first one took."""


MOST_RETRIES = 24
"""How many bad rounds in a row are asked again soon: every rule has fired by then, and what stays bad is no news."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What the last round of a host found bad, and for how many rounds nothing has joined it."""

    what: frozenset[str] = frozenset()
    rounds: int = 0

    @property
    def is_news(self) -> bool:
        """Whether it is worth asking again soon."""
        return 0 < self.rounds <= MOST_RETRIES

    def after(self, what: frozenset[str]) -> "Trouble":
        """Return what is known after one more round. What joins an old trouble is as worth asking about as the old one was."""
        if not what:
            return Trouble()
        return Trouble(what=what, rounds=1 if what - self.what else self.rounds + 1)


def bad_in(observation: Observation) -> frozenset[str]:
    """Return what a round found bad: the host itself, or its services."""
    if observation.outcome is not ProbeOutcome.OK:
        return frozenset((observation.outcome.value,))
    bad = (ServiceState.SILENT, ServiceState.DOWN)
    return frozenset(f"service {name}" for name, one in observation.services.items() if one.state in bad)


def next_due(
    host: str, *, policy: ProbePolicy, last_started: float | None, last_bad: bool, now: float
) -> float:
    """Return when the next round of a host is due; at or before `now` means now.

    Hosts are spread over the interval by a hash of their name, the same in every process and after every start; the
    jitter, by name and round, keeps them from marching in step. `last_bad`: ask again after `retry_s`.
    What was missed while nobody looked is not made up for.
    """
    if last_started is None:
        return now + _share(host, "start") * min(policy.interval_s, START_WITHIN_S)
    if last_bad:
        return max(last_started + min(policy.retry_s, policy.interval_s), now + BREATH_S)
    nth = str(int(last_started // policy.interval_s))
    return last_started + policy.interval_s * (1 + policy.jitter * (2 * _share(host, nth) - 1))


WHOLE_EVERY, WHOLE_AFTER_S = 4, 120.0


def wants_whole(observation: Observation | None, *, age_s: float, interval_s: float, alerted: bool) -> bool:
    """Return whether the next sample must be a whole one: small ones are for hosts where all is well.

    `observation` is the newest one, None where there was none; `age_s` the age of the newest whole sample. Every fourth
    round is whole, and at least one in two minutes. `alerted`: something of the host has an alert that is not over.
    """
    if observation is None or observation.outcome is not ProbeOutcome.OK or alerted:
        return True
    if age_s > min((WHOLE_EVERY - 0.5) * interval_s, WHOLE_AFTER_S - interval_s / 2):
        return True
    if observation.metrics.get("accept_stuck_seconds"):
        return True
    return not all(is_calm(reading) for reading in observation.services.values())


def is_calm(reading: ServiceReading) -> bool:
    """Return whether nothing about a service is worth a closer look."""
    answering = reading.state is ServiceState.ANSWERING and all(reading.asked)
    return answering and not reading.strains and not reading.backlog


def _share(*words: str) -> float:
    """Return a number in 0…1 that looks like chance and is the same everywhere."""
    digest = blake2b("\\0".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
