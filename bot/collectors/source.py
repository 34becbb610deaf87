"""The lines around the frames, as they stand on the target."""

from bot.domain.redaction import source as redact

Sections = dict[str, str]


def source(sections: Sections) -> dict[str, dict[int, str]]:
    """Return file → line number → text, secrets redacted."""
    found: dict[str, dict[int, str]] = {}
    lines: dict[int, str] = {}
    for row in sections.get("source", "").splitlines():
        number, _, text = row.partition(" ")
        if number == "@":
            lines = found.setdefault(text, {})
        elif number.isdecimal():
            lines[int(number)] = redact(text.rstrip("\r"))
    return {file: lines for file, lines in found.items() if lines}


def newer(sections: Sections, *, started_s: float) -> tuple[str, ...]:
    """Return the files that changed after the process started (seconds since 1970): their lines may not be what runs."""
    rows = (line.split(" ", 1) for line in sections.get("mtimes", "").splitlines())
    return tuple(
        row[1] for row in rows if len(row) == 2 and row[0].isdecimal() and int(row[0]) > started_s + 1
    )
