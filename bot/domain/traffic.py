"""What came and went on the connections of a process, as the kernel counts it (`ss -i`)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """One connection, accepted or made: bytes of its life, and how long ago the last of them came and went."""

    local: str
    peer: str
    received: int = 0
    sent: int = 0
    since_received_ms: int = 0
    since_sent_ms: int = 0

    @property
    def awaits(self) -> bool:
        """Whether the last to speak was the process itself."""
        return self.sent > 0 and (self.received == 0 or self.since_sent_ms < self.since_received_ms)

    @property
    def unanswered(self) -> bool:
        """Whether the last to speak was the client. A long poll and a message that wants no answer look the same."""
        return self.received > 0 and (self.sent == 0 or self.since_received_ms < self.since_sent_ms)
