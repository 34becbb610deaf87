"""The audit trail, one line an entry, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from bot.domain.audit import AuditEntry, Broken, Flaw, Intact

HEAD_SHOWN = 12
WRONG: Mapping[Flaw, str] = {
    Flaw.EDITED: "is not as it was written: it was edited, or sealed with another key",
    Flaw.MISSING: "does not follow the one before it: entries were removed there",
    Flaw.MOVED: "does not follow the one before it: entries were moved, put in or removed there",
}


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Audit entries, newest last (None: not asked for), and what following the whole chain found, where that was."""

    entries: list[AuditEntry] | None
    zone: tzinfo
    found: Intact | Broken | None

    def text(self) -> str:
        lines = [verdict(self.found)] if self.found else []
        return "\n".join([*lines, *(line(entry, zone=self.zone) for entry in self.entries or ())])

    def document(self) -> dict[str, Any]:
        found = verdict_document(self.found) if self.found else {}
        return (
            found if self.entries is None else {**found, "entries": [document(one) for one in self.entries]}
        )

    def caution(self) -> str:
        return caution(self.found) if self.found else ""


def line(entry: AuditEntry, *, zone: tzinfo) -> str:
    """Say when, who (and for whom), what, to what and how it ended, in one line whatever was typed."""
    who = f"{entry.actor} as {entry.on_behalf_of}" if entry.on_behalf_of else entry.actor
    when = entry.at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    parts = (when, who, entry.verb, entry.target, entry.outcome)
    return "  ".join(_flat(part) for part in parts if part)


def _flat(text: str) -> str:
    """Take out what would break the line, or speak to a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def document(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": entry.actor,
        "on_behalf_of": entry.on_behalf_of or None,
        "verb": entry.verb,
        "target": entry.target,
        "outcome": entry.outcome,
        "facts": dict(entry.facts),
    }


def verdict(found: Intact | Broken) -> str:
    if isinstance(found, Broken):
        return f"Chain broken: entry {found.number} ({_flat(found.id)}) {WRONG[found.flaw]}. What is before it is intact."
    return f"{found.entries} {'entry' if found.entries == 1 else 'entries'}, chain intact, head {found.head[:HEAD_SHOWN]}"


def caution(found: Intact | Broken) -> str:
    """Say what an intact chain does not prove; empty where it proves all but its end."""
    if isinstance(found, Broken) or not found.unkeyed:
        return ""
    which = "It was" if found.unkeyed == found.entries else f"The first {found.unkeyed} were"
    return f"{which} written without HANGBOT_AUDIT_KEY: who can write to the database could have written it anew."


def verdict_document(found: Intact | Broken) -> dict[str, Any]:
    if isinstance(found, Broken):
        return {"intact": False, "number": found.number, "id": found.id, "flaw": found.flaw.value}
    return {"intact": True, "count": found.entries, "head": found.head, "unkeyed": found.unkeyed}
