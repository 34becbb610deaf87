"""How a script travels through whatever login shell the account has, and how its output is told from the shell's."""

import math
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.ports import Script

MARK = "hangbot-mark-"
"""Begins every mark. A command line that holds it is one of ours: the sample's script leaves it out."""

NOISE_BYTES = 200
"""How much is kept of what is no output of ours, to tell what it was."""

MARK_BYTES = len(MARK) + 16 + 1
"""What the mark costs on each stream."""

PLAIN, DISGUISED = "\n'!\\", "\001\002\003\004"
UNDISGUISE = r'tr "\001\002\003\004" "\012\047\041\134"'
CLEAN_UP_AFTER_S = 2


def new_mark() -> str:
    return MARK + secrets.token_hex(8)


def command(script: Script, args: Sequence[str], *, mark: str, seconds: float | None) -> str:
    """Return the one line to execute on the host; `seconds` None: it ends when its input does.

    csh cannot take a newline or `!` within quotes, fish takes a backslash there as an escape: all three, and the quote
    itself, travel as control characters. Arguments are quoted for sh inside. Where the host has a `timeout` that knows
    `-k`, the script is ended there too: closing a channel does not end what runs in it.
    """
    program = _disguised(inner(script, args, mark=mark))
    name = f"hangbot-{script.name}-{script.version}"
    bounded = ""
    if seconds is not None:
        within = math.ceil(seconds) + CLEAN_UP_AFTER_S
        bounded = f'timeout -k 2 1 true 2>/dev/null && exec timeout -k 2 {within} sh -c "$p" {name}; '
    runner = f'p="$(printf %s "$0" | {UNDISGUISE})"; {bounded}exec sh -c "$p" {name}'
    return f"exec sh -c '{runner}' '{program}'"


def inner(script: Script, args: Sequence[str], *, mark: str) -> str:
    """Return the sh program: the mark on both streams, the arguments as `$1 …`, the script's text."""
    words = shlex.join(args)
    if any(character in words + script.text for character in "\0" + DISGUISED):
        raise ValueError("control characters cannot be sent to a host")
    return f"printf '%s\\n' {mark}; printf '%s\\n' {mark} >&2\nset -- {words}\n{script.text}"


def _disguised(text: str) -> str:
    return text.translate(str.maketrans(PLAIN, DISGUISED))


@dataclass(kw_only=True)
class Framed:
    """One output stream, without what came before the mark. Keeps no more than it must to find it."""

    mark: bytes
    content: bytearray = field(default_factory=bytearray)
    begun: bool = False

    def feed(self, data: bytes) -> None:
        self.content += data
        if self.begun:
            return
        before, found, after = bytes(self.content).partition(self.mark + b"\n")
        if found:
            self.begun = True
            self.content = bytearray(after)
        else:
            self.content = bytearray(before)

    @property
    def text(self) -> bytes:
        """Return what the script printed, nothing as long as it printed nothing."""
        return bytes(self.content) if self.begun else b""

    @property
    def noise(self) -> str:
        """Return the end of what was printed instead of the script's output."""
        return (
            ""
            if self.begun
            else " ".join(bytes(self.content[-NOISE_BYTES:]).decode(errors="replace").split())
        )
