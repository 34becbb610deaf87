"""What a host tells of itself for a checkup, out of the script's sections."""

from bot.domain.checkups import HostFacts, SeenService, Sudo

Sections = dict[str, str]


def facts(
    sections: Sections, *, round_trip_s: float, skew_s: float | None, unsure_s: float
) -> HostFacts | None:
    """Return what the script found; None where it did not even tell the account."""
    account = _lines(sections, "account")
    if len(account) < 2:
        return None
    system = _lines(sections, "system")
    release = system[0].split() if system else []
    tools = (row.partition(" ") for row in _lines(sections, "tools"))
    yama = _word(sections, "yama")
    return HostFacts(
        account=account[0],
        system=", ".join(
            filter(None, (system[1].strip('"') if len(system) > 1 else "", " ".join(release[:2])))
        ),
        machine=release[-1] if release else "",
        shell=_word(sections, "shell"),
        sudo=Sudo.ROOT if account[1] == "0" else _sudo(sections),
        yama=int(yama) if yama.isdecimal() else None,
        journal={"yes": True, "no": False}.get(_word(sections, "journal")),
        pressure=_word(sections, "pressure") == "yes",
        tools={name: path for name, _, path in tools if path},
        services=tuple(_service(sections, head) for head in sections if head.startswith("service ")),
        round_trip_s=round_trip_s,
        skew_s=skew_s,
        unsure_s=unsure_s,
    )


def _sudo(sections: Sections) -> Sudo:
    word = _word(sections, "sudo")
    return Sudo(word) if word in set(Sudo) else Sudo.ABSENT


def _service(sections: Sections, head: str) -> SeenService:
    rows = dict(row.partition("=")[::2] for row in _lines(sections, head))
    pids = tuple(int(word) for word in rows.get("pids", "").split() if word.isdecimal())
    return SeenService(
        name=head.partition(" ")[2],
        load=rows.get("LoadState", ""),
        active=rows.get("ActiveState", ""),
        pids=pids,
        owner=rows.get("owner", ""),
        traceable={"yes": True, "no": False}.get(rows.get("trace", "")),
    )


def _lines(sections: Sections, name: str) -> list[str]:
    return [row for row in sections.get(name, "").splitlines() if row.strip()]


def _word(sections: Sections, name: str) -> str:
    return next(iter(_lines(sections, name)), "").strip()
