"""What can be refused or go wrong, as facts. `present` puts them into words; the edges catch them."""

from bot.domain.clues import Clue
from bot.domain.observations import ProbeOutcome


class Refusal(Exception):
    """Something a person asked for that is not done; told only to that person, with what to do next."""


class UnknownName(Refusal):
    """A host, service, verb, alert or silence that nobody knows. `nearest` is best first."""

    def __init__(
        self,
        *,
        kind: str,
        word: str,
        nearest: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
        on: str | None = None,
    ) -> None:
        super().__init__(f"no {kind} {word!r}" + (f" on {on}" if on else ""))
        self.kind, self.word, self.nearest, self.known, self.on = kind, word, nearest, known, on


class BadArgument(Refusal):
    """A word that a verb cannot take. `code` names the sentence in `present`, `usage` what to type."""

    def __init__(self, code: str, *, word: str = "", usage: str = "", **facts: str) -> None:
        super().__init__(f"{code}: {word}" if word else code)
        self.code, self.word, self.usage, self.facts = code, word, usage, facts


class NotAllowed(Refusal):
    """The actor may not do this; `who` are the ids of those who may."""

    def __init__(self, *, verb: str, reason: str, target: str = "", who: tuple[str, ...] = ()) -> None:
        super().__init__(f"{verb} refused: {reason}")
        self.verb, self.reason, self.target, self.who = verb, reason, target, who


class NoTime(Refusal):
    """What was typed is no time to meet: `clue` is the grammar's, `usage` what to type."""

    def __init__(self, clue: Clue, *, usage: str) -> None:
        super().__init__(clue.code)
        self.clue, self.usage = clue, usage


class NotYetBuilt(Refusal):
    """A verb of the full grammar that this version does not have; `instead` is what to type by hand."""

    def __init__(self, *, verb: str, instead: str = "") -> None:
        super().__init__(f"{verb} is not in this version")
        self.verb, self.instead = verb, instead


class HostFailure(Exception):
    """A host could not be asked; never raised for what a command on it answered."""

    def __init__(self, outcome: ProbeOutcome, reason: str) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome, self.reason = outcome, reason


class Conflict(Exception):
    """The stored row changed since it was read; read again and decide again."""


class ChatError(Exception):
    """A message was not delivered. The subclass says what to do next."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class ChatBusy(ChatError):
    """Try again, not before `retry_after_s`; nothing was stored."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("ratelimited")
        self.retry_after_s = retry_after_s


class ChatDoubtful(ChatError):
    """It may or may not have been stored: look it up by its outbox id before sending again."""


class ChatRefused(ChatError):
    """The workspace refused this message as it is (`code` is the workspace's own error)."""


class EdgeFault(Exception):
    """The bot cannot start as it is set up (tokens, channel); the text says what to do."""


class ChatClosed(ChatError):
    """No message will pass until somebody mends the access (token, channel)."""


class StoreFault(Exception):
    """The database cannot be used; the text says why and what to do."""


class StoreUnavailable(StoreFault):
    """The database does not answer, is locked or full: doing the same again later is right, and doubles nothing."""


class ConfigFault(Exception):
    """The config cannot be used. `key` is the path of the key, such as `hosts.web1.port`."""

    def __init__(self, *, file: str, line: int, key: str, problem: str, remedy: str) -> None:
        where = f"{file}:{line}: " + (f"`{key}`: " if key else "")
        super().__init__(
            f"{where}{problem}. {remedy[:1].upper()}{remedy[1:]}" + ("" if remedy.endswith("?") else ".")
        )
        self.file, self.line, self.key, self.problem, self.remedy = file, line, key, problem, remedy
