"""The collector that stays on a host: its channel, the ticks it is sent and the records it answers with."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import ServiceSpec
from bot.hosts import framing, records, sampling, scripts
from bot.hosts.loop.feed import Asked
from bot.hosts.loop.reactor import Reactor, Timer


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one tick brought: sections as SAMPLE's, by name; `took_s` from the tick's sending to the record's end."""

    sections: dict[str, str]
    whole: bool
    took_s: float


Taken = Callable[[Record | HostFailure], None]


class Resident(Asked):
    """One tick at a time. A record carries its tick's number: what comes too late is known as late, and dropped."""

    def __init__(self, reactor: Reactor, services: Sequence[ServiceSpec], gone: Callable[[], None]) -> None:
        self._mark = framing.new_mark()
        arguments = sampling.arguments(services, mark=self._mark, look=True)
        super().__init__(framing.command(scripts.COLLECTOR, arguments, mark=self._mark, seconds=None))
        self.services = tuple(services)
        self._reactor, self._gone = reactor, gone
        self._box = bytearray()
        self._noise = bytearray()
        self._tick = 0
        self._done = b""
        self._searched = 0
        self._waiting: Taken | None = None
        self._whole = False
        self._sent_at = 0.0
        self._late: Timer | None = None
        self._begun = False

    @property
    def has_answered(self) -> bool:
        return self._begun

    @property
    def busy(self) -> bool:
        return self._waiting is not None

    def tick(self, kind: str, pids: Sequence[int], *, within_s: float, taken: Taken) -> None:
        """Ask for a record; `taken` gets it, or why there is none, in the reactor's thread. One at a time."""
        self._tick += 1
        self._done = f"\n{self._mark} done {self._tick}\n".encode()
        self._whole, self._waiting, self._sent_at = kind == "whole", taken, time.monotonic()
        self._late = self._reactor.later(within_s, self._too_late)
        words = " ".join(map(str, pids))
        self.send(f"{self._tick} {kind} {words}\n".encode())

    # --- what comes

    def received(self, data: bytes) -> None:
        self._box += data
        if len(self._box) > sampling.SAMPLE_BYTES:
            self._fail(
                HostFailure(ProbeOutcome.ERROR, f"its answer is longer than {sampling.SAMPLE_BYTES} bytes")
            )
            return
        if self._waiting is None:
            self._box.clear()
            self._searched = 0
            return
        end = self._box.find(self._done, self._searched)
        if end < 0:
            self._searched = max(0, len(self._box) - len(self._done))
            return
        text = self._box[:end].decode(errors="replace")
        del self._box[: end + len(self._done)]
        self._searched = 0
        self._begun = True
        try:
            sections = records.read(text, self._mark, self._tick, whole=self._whole)
        except HostFailure as failure:
            self._fail(failure)
            return
        took = time.monotonic() - self._sent_at
        self._answer(Record(sections=sections, whole=self._whole, took_s=took))

    def complained(self, data: bytes) -> None:
        self._noise = (self._noise + data)[-framing.NOISE_BYTES :]

    def replied(self, *, well: bool) -> None:
        if not well:
            self._fail(HostFailure(ProbeOutcome.ERROR, "runs no commands for this account"))

    def refused(self, code: int) -> None:
        del code
        self._fail(HostFailure(ProbeOutcome.ERROR, "busy: opens no more sessions (MaxSessions)"))

    def exited(self) -> None:
        self.ended()

    def ended(self) -> None:
        self._fail(HostFailure(ProbeOutcome.ERROR, self._why()))

    def _why(self) -> str:
        if self._begun:
            return "its collector ended"
        said = " ".join(bytes(self._box or self._noise)[-200:].decode(errors="replace").split())[-100:]
        return "its login shell does not run our script" + (f": {said}" if said else "")

    # ---

    def _too_late(self) -> None:
        waited = time.monotonic() - self._sent_at
        self._fail(HostFailure(ProbeOutcome.TIMEOUT, f"no answer after {waited:.0f} s"))

    def _fail(self, failure: HostFailure) -> None:
        self.close()
        self._gone()
        self._answer(failure)

    def _answer(self, found: Record | HostFailure) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        taken, self._waiting = self._waiting, None
        if taken is not None:
            taken(found)
