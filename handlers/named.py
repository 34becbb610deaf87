"""How a host, a service and a process are named in a typed line."""

from bot.domain.errors import BadArgument
from bot.domain.targets import Target
from bot.flows import inspect
from bot.ports import Services


def target_and_pid(args: tuple[str, ...], services: Services, *, usage: str) -> tuple[Target, int | None]:
    """Read `HOST [SERVICE] [pid N]` or `HOST/SERVICE …`. Raises BadArgument, UnknownName."""
    rest = list(args)
    pid = _pid(rest, usage)
    if not rest:
        raise BadArgument("missing_host", usage=usage)
    fleet = services.settings.fleet
    word, _, named = rest.pop(0).partition("/")
    host = fleet.host(word)
    if rest and not named:
        named = rest.pop(0)
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=usage)
    try:
        return inspect.meant(services, host, named or None, pid=pid), pid
    except BadArgument as unclear:
        raise BadArgument(unclear.code, word=unclear.word, usage=usage, **unclear.facts) from unclear


def _pid(rest: list[str], usage: str) -> int | None:
    """Take `pid N`, `pid=N` or `--pid N` out of the words."""
    for at, word in enumerate(rest):
        bare = word.lower().lstrip("-")
        if bare == "pid" or bare.startswith("pid="):
            number = bare.partition("=")[2] or (rest[at + 1] if at + 1 < len(rest) else "")
            if not number.isascii() or not number.isdecimal() or not 0 < int(number) < 2**22 + 1:
                raise BadArgument("no_pid", word=number, usage=usage)
            del rest[at : at + (1 if "=" in bare else 2)]
            return int(number)
    return None
