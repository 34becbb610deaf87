"""The one script that fetches all evidence in one channel, put together from the pieces in `script/`.

A piece is POSIX sh and awk and owns what it is named for; it runs in the shell of those before it and prints sections
that begin with the mark (`s NAME`). A `.py` beside them runs on the host where there is a Python, a `.awk` in its awk:
its text is in the variable of its name. Nothing is written there. Arguments of the whole: $1 mark, $2 pid or empty, $3 unit or empty,
$4 text of the command line or empty, $5 sampler or empty, $6 `sudo` where it may be used, $7 `early` to stop where the
host has no sampler, since one will be brought, $8 `gentle` to never stop the process, only to read it as it runs, $9 the
port that the service listens at, or empty.
"""

from collections.abc import Iterable
from importlib.resources import files

from bot.ports import Script

FOLDER = files("bot.collectors") / "script"
PIECES = (
    "tools",
    "pick",
    "chosen",
    "who",
    "sampler",
    "pressure",
    "snapshots",
    "stacks",
    "jvm",
    "native",
    "later",
    "handles",
    "locks",
    "answers",
    "front",
    "awaits",
    "root",
    "source",
    "places",
    "changes",
    "lately",
    "logs",
    "journal",
    "end",
)
LOG_PIECES = ("tools", "logs", "log_of_unit", "pick", "chosen", "log_of_process")
TOP_PIECES = ("tools", "top")
FILES_PIECES = ("tools", "pick", "or_unit", "root", "places", "changes", "keys")
PROGRAMS = ("reduce.py", "lock_owners.py", "awaits.py")


def _program(file: str) -> str:
    name = file.partition(".")[0]
    end = f"{name.upper()}_END"
    return f"{name}=$(cat <<'{end}'\n{(FOLDER / file).read_text()}{end}\n)\n"


def _pieces(names: Iterable[str]) -> str:
    return "".join((FOLDER / f"{name}.sh").read_text() for name in names)


INNER = "".join((*map(_program, PROGRAMS), _pieces(PIECES)))


def _asking(name: str, version: int, inner: str) -> Script:
    """Return a script that asks as root where it may; TERM lets it say what it has, and how it leaves the target."""
    return Script(
        name=name,
        version=version,
        text="inner=$(cat <<'INNER_END'\n"
        + inner
        + f"""INNER_END
)
pack() {{ if command -v gzip >/dev/null 2>&1; then gzip -1 -c; else cat; fi; }}
watch=; timeout -k 1 1 true 2>/dev/null && watch="timeout -k 3 10"
if [ "$6" = sudo ] && [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
  sudo -n $watch sh -c "$inner" hangbot-{name} "$1" "$2" "$3" "$4" "$5" "$7" "$8" "$9" 2>/dev/null | pack
else
  $watch sh -c "$inner" hangbot-{name} "$1" "$2" "$3" "$4" "$5" "$7" "$8" "$9" 2>/dev/null | pack
fi
""",
    )


EVIDENCE = _asking("evidence", 4, INNER)
LOGS = _asking("logs", 2, _pieces(LOG_PIECES))
"""Arguments as above, but $5 is how many seconds back, $7 how many lines."""
TOP = _asking("top", 2, _pieces(TOP_PIECES))
KEYS = _program("keys.awk")
DIFF = _asking("diff", 1, KEYS + _pieces((*FILES_PIECES, "before")))
"""$5 is how many seconds back, $7 how many seconds ago the service was last seen well, or empty."""
LISTING = _asking("listing", 1, KEYS + _pieces((*FILES_PIECES, "listing")))
"""$5 is a salt; $7 the names of files whose keys are wanted, one a line, or empty for what there is."""

CHECKUP = Script(name="checkup", version=1, text=_pieces(("checkup",)))
"""$1 mark, $2 `sudo` where it may be used, then name, unit and process text of each service."""
DISCOVER = _asking("discover", 1, _pieces(("discover",)))
TIME = Script(name="time", version=1, text="date +%s.%N")

RECEIVE = Script(
    name="receive",
    version=1,
    # $1 sha256: takes the binary from standard input into a folder that only this account can enter; prints its path
    text=r"""
umask 077
for place in "$XDG_RUNTIME_DIR" /dev/shm "/run/user/$(id -u)" /var/tmp /tmp "$HOME"; do
  [ -n "$place" ] && [ -d "$place" ] && [ -w "$place" ] || continue
  folder=$(mktemp -d "$place/hangbot.XXXXXXXXXXXX" 2>/dev/null) || continue
  printf '#!/bin/sh\nexit 0\n' >"$folder/try" 2>/dev/null && chmod 700 "$folder/try" && "$folder/try" 2>/dev/null || { rm -rf "$folder"; continue; }
  rm -f "$folder/try"
  if { command -v gzip >/dev/null && gzip -d -c || cat; } >"$folder/py-spy" 2>/dev/null; then
    sum=$(sha256sum "$folder/py-spy" 2>/dev/null); sum=${sum%% *}
    if [ "$sum" = "$1" ]; then chmod 700 "$folder/py-spy"; printf '%s\n' "$folder/py-spy"; exit 0; fi
  fi
  rm -rf "$folder"; echo "the uploaded sampler arrived with another checksum, or the disk is full" >&2; exit 1
done
echo "no folder here may hold a program: each is missing, full, or mounted noexec" >&2
exit 1
""",
)

REMOVE = Script(
    name="remove",
    version=1,
    # $1 the path that `receive` printed
    text=r"""case $1 in */hangbot.????????????/py-spy) rm -f -- "$1"; rmdir -- "${1%/py-spy}";; esac""",
)
