"""How a remedy's command is run on a host: its argv and nothing else, once, within a time, and not too late."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import redaction
from bot.ports import Completed, Host, Limit, Script

LIMIT = Limit(seconds=150.0, bytes=1_000_000)
"""systemd gives a stuck service 90 s to end before it kills it (systemd-system.conf(5), DefaultTimeoutStopSec)."""
MOST_WORDS = 1500
NAMED = "hangbot-act-"
"""Before the id of an act: together they name its command among the host's processes."""

TEXT = r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
# $1 a token that names this act among the host's processes and ends the output, $2 the boot id and $3 the uptime in
# whole seconds up to which it may begin; then the command.
token=$1 boot=$2 latest=$3; shift 3
read -r up _ </proc/uptime; read -r now </proc/sys/kernel/random/boot_id
if [ "$now" != "$boot" ] || [ "${up%%.*}" -gt "$latest" ]; then printf '\n%s late\n' "$token"; exit 75; fi
trap '' HUP
{ "$@" </dev/null; printf '\n%s %s\n' "$token" "$?"; } 2>&1 | {
  trap '' PIPE # a link that is cut must not end the command half-way: what nobody reads any more is thrown away
  sed "/^$token /q" 2>/dev/null || cat >/dev/null
}
"""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came back. `exit` None: it did not say how it ended. `late`: it came too late and was not begun."""

    exit: int | None
    output: str
    late: bool = False


def script(remedy: str) -> Script:
    return Script(name=remedy, version=1, text=TEXT, once=True)


def send(host: Host, remedy: str, command: Sequence[str], *, token: str, boot: str, latest_s: float) -> Sent:
    """Run the command. Raises HostFailure where it is not known what became of it."""
    arguments = (token, boot, str(int(latest_s)), *command)
    return read(host.run(script(remedy), arguments, limit=LIMIT), token)


def read(done: Completed, token: str) -> Sent:
    """Read the end of what came back: the token and the command's exit status stand on the last line."""
    text = done.stdout.decode("utf-8", "replace")
    words, found, end = text.rpartition(f"\n{token} ")
    if not found:
        return Sent(exit=None, output=_last(text))
    said = end.strip()
    if said == "late":
        return Sent(exit=None, output="", late=True)
    return Sent(exit=int(said) if said.isdecimal() else None, output=_last(words))


def _last(text: str) -> str:
    """Return the last words, without secrets and what would drive a terminal or hide."""
    kept = "".join(sign if sign.isprintable() or sign in "\n\t" else "" for sign in text).strip()
    clean = redaction.prose(redaction.command(redaction.source(kept)))
    return clean if len(clean) <= MOST_WORDS else f"… {clean[-MOST_WORDS:]}"
