"""How many errors the journal took since the last look."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown
from bot.ports import Script

MOST = 10_000
SCRIPT = Script(
    name="check-journal",
    version=1,
    # $1 `sudo` where it may be used, $2 seconds back, $3 unit or empty, $4 the most lines that are counted
    text=r"""
LC_ALL=C; export LC_ALL
as=; [ "$(id -u)" != 0 ] && [ "$1" = sudo ] && sudo -n true 2>/dev/null && as='sudo -n'
command -v journalctl >/dev/null 2>&1 || { echo 'there is no journal'; exit 3; }
$as journalctl -q -p err -o cat --no-pager --since "-${2}s" ${3:+-u "$3"} -n "$4" 2>/dev/null | wc -l
""",
)


def args(spec: CheckSpec) -> tuple[str, ...]:
    return (f"{spec.every_s:.0f}", "" if spec.target in ("all", "true") else spec.target, str(MOST))


def parse(reply: Reply, spec: CheckSpec) -> Said:
    text = reply.text.decode("utf-8", errors="replace").strip()
    if reply.exit != 0 or not text.isdecimal():
        return unknown(text or "the journal cannot be read")
    rate = int(text) / spec.every_s * 60
    told = f"{int(text)} errors in {spec.every_s:.0f} s"
    if spec.at_most is not None and int(text) > spec.at_most:
        return critical(f"{told}: more than {spec.at_most:g}", errors_per_minute=rate)
    return ok(told, errors_per_minute=rate)
