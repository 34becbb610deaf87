"""When a host is looked at next. All times here are seconds of a clock that never jumps."""

from hashlib import blake2b

from bot.domain.settings import ProbePolicy

START_WITHIN_S = 10.0
"""Within how many seconds of the start every host is looked at once."""
BREATH_S = 0.5
"""How long a host is left alone between two rounds, however long the first one took."""


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


def _share(*words: str) -> float:
    """Return a number in 0…1 that looks like chance and is the same everywhere."""
    digest = blake2b("\\0".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
