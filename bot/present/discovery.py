"""Proposed services as a piece of the config, with what speaks for each beside it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.discovery import Discovered, Proposal

LONGEST_COMMAND = 60


def text(found: Sequence[Discovered]) -> str:
    """Return YAML to paste: `hosts:` with their services, then `services:`, those that are alike on several hosts once."""
    named = _named(found)
    rows = ["hosts:"]
    for one in found:
        names = ", ".join(_quoted(named[one.host, proposal.spec.name]) for proposal in one.proposals)
        rows.append(f"  {_quoted(one.host)}: {{services: [{names}]}}")
        if one.unseen:
            ports = ", ".join(map(str, one.unseen[:10]))
            rows.append(
                f"  # whose ports {ports} are cannot be seen there: hangbot doctor {one.host} says what is missing"
            )
    rows.append("services:")
    written = set()
    for one in found:
        for proposal in one.proposals:
            name = named[one.host, proposal.spec.name]
            if name not in written:
                written.add(name)
                rows += _service(name, proposal)
    if not written:
        rows[-1] = "services: {}  # nothing that listens there is a service, or it cannot be seen"
    return "\n".join(rows)


def _service(name: str, proposal: Proposal) -> list[str]:
    spec, seen = proposal.spec, proposal.listener
    command = (
        seen.command if len(seen.command) <= LONGEST_COMMAND else f"{seen.command[: LONGEST_COMMAND - 1]}…"
    )
    ports = ", ".join(map(str, proposal.ports))
    who = f"{command or seen.name} (pid {seen.pid}{f' of {seen.owner}' if seen.owner else ''}), port {ports}"
    key, value = ("unit", spec.unit) if spec.unit else ("process", spec.process)
    rows = [f"  {_quoted(name)}:", f"    {key}: {_quoted(str(value))}  # {_plain(who)}"]
    if spec.http is not None and proposal.answer is not None:
        took = f" in {proposal.answer.elapsed_ms:.0f} ms" if proposal.answer.elapsed_ms is not None else ""
        rows.append(
            f"    http: {{url: {json.dumps(spec.http.url)}}}  # answered {proposal.answer.status}{took}"
        )
    else:
        rows.append("    # no URL of it answered: that it accepts is watched all the same")
    return rows


def _named(found: Sequence[Discovered]) -> Mapping[tuple[str, str], str]:
    """Return the name of each host's services: those that differ under one name get their host's behind it."""
    first: dict[str, Any] = {}
    named = {}
    for one in found:
        for proposal in one.proposals:
            spec = proposal.spec
            same = first.setdefault(spec.name, spec) == spec
            named[one.host, spec.name] = spec.name if same else f"{spec.name}-{one.host}"[:64]
    return named


def document(found: Sequence[Discovered]) -> dict[str, Any]:
    return {
        "hosts": [
            {
                "host": one.host,
                "services": [_document(proposal) for proposal in one.proposals],
                "unseen_ports": list(one.unseen),
            }
            for one in found
        ]
    }


def _document(proposal: Proposal) -> dict[str, Any]:
    spec, answer = proposal.spec, proposal.answer
    return {
        "service": spec.name,
        "unit": spec.unit,
        "process": spec.process,
        "http": spec.http.url if spec.http else None,
        "status": answer.status if answer else None,
        "ports": list(proposal.ports),
        "pid": proposal.listener.pid,
        "command": proposal.listener.command,
        "owner": proposal.listener.owner,
    }


def _quoted(word: str) -> str:
    """Return a word as YAML reads it back: quoted, unless it is plainly a word."""
    plain = word[:1].isalpha() and all(c.isalnum() or c in "_.-" for c in word)
    return (
        word
        if plain and word.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
        else json.dumps(word)
    )


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)
