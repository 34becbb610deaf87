"""What is said, before anybody decides how it looks: Slack blocks, terminal text and tests render the same Message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Tone(StrEnum):
    CRITICAL = "critical"  # 🔴
    WARNING = "warning"  # 🟠
    ACKNOWLEDGED = "acknowledged"  # 🟠
    GOOD = "good"  # 🟢
    BLIND = "blind"  # 🟣
    PLAIN = "plain"


# --- a line is a sequence of spans; foreign text (names of functions, log lines) goes into Code, Text is escaped by the renderer


@dataclass(frozen=True, kw_only=True)
class Text:
    text: str
    style: Literal["plain", "bold", "italic", "code"] = "plain"
    kind: Literal["text"] = "text"


@dataclass(frozen=True, kw_only=True)
class When:
    """A moment, shown in each reader's own zone; `fallback` is what a terminal or lock screen shows."""

    at: datetime
    style: Literal["time", "time_secs", "date", "date_time"] = "time"
    fallback: str
    kind: Literal["when"] = "when"


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A person (`U…`) or user group (`S…`); `quiet` shows the name without notifying anybody."""

    id: str
    name: str = ""
    quiet: bool = True
    kind: Literal["mention"] = "mention"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to somewhere else in the chat; a terminal shows the text and the address behind it."""

    url: str
    text: str
    kind: Literal["link"] = "link"


Span = Text | When | Mention | Link
Line = tuple[Span, ...]


# --- sections, in the order they are shown


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    line: Line
    label: str = ""
    """Shown bold in front: `What to do`, `How sure`."""
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, kw_only=True)
class Bullets:
    lines: tuple[Line, ...]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """Short labelled facts beside each other; at most 10."""

    fields: tuple[tuple[str, Line], ...]
    kind: Literal["fields"] = "fields"


@dataclass(frozen=True, kw_only=True)
class CodeLine:
    text: str
    number: int | None = None
    here: bool = False
    """The culprit's line."""


@dataclass(frozen=True, kw_only=True)
class CodeBlock:
    """Foreign text, shown literally."""

    lines: tuple[CodeLine, ...]
    kind: Literal["code"] = "code"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question in front of an act."""

    title: str
    text: str
    confirm: str
    deny: str = "Cancel"


@dataclass(frozen=True, kw_only=True)
class Button:
    """`action` is the contract's action_id; `value` an id alone, never words that would be run."""

    action: str
    label: str
    value: str
    style: Literal["default", "primary", "danger"] = "default"
    ask: Ask | None = None
    kind: Literal["button"] = "button"


@dataclass(frozen=True, kw_only=True)
class Menu:
    """One of several values; each option is (label, value)."""

    action: str
    label: str
    options: tuple[tuple[str, str], ...]
    kind: Literal["menu"] = "menu"


@dataclass(frozen=True, kw_only=True)
class Buttons:
    buttons: tuple[Button | Menu, ...]
    kind: Literal["buttons"] = "buttons"


@dataclass(frozen=True, kw_only=True)
class Context:
    line: Line
    kind: Literal["context"] = "context"


@dataclass(frozen=True, kw_only=True)
class Divider:
    kind: Literal["divider"] = "divider"


Section = Paragraph | Bullets | FieldRow | CodeBlock | Buttons | Context | Divider


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """Slack message metadata; the sender adds `outbox` to the payload."""

    event_type: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file beside a message; its name is told from others in the thread. `again`: what to type to get it once more."""

    name: str
    content: str
    title: str = ""
    again: str = ""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing said. `text` says it all in one line, for a lock screen."""

    text: str
    title: Line = ()
    tone: Tone = Tone.PLAIN
    sections: tuple[Section, ...] = ()
    metadata: Metadata | None = None
    attachment: Attachment | None = None


# --- telling it


class Operation(StrEnum):
    POST = "post"  # a new root message; remembers where it stands under `subject`
    EDIT = "edit"  # edits the root of `subject`; unsent edits collapse into the newest
    REPLY = "reply"  # in the thread of `subject`'s root; waits for the root


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One row of the outbox: one thing to be said, exactly once.

    `subject` names what it is about (`alert:alr_…`, `inspection:ins_…`): rows of one subject keep their order.
    `channel` is a name or id; empty for EDIT and REPLY, which go where the root stands.
    `thread_ts` puts a POST into an existing thread of other people's messages.
    """

    id: str
    subject: str
    operation: Operation
    message: Message
    created_at: datetime
    channel: str = ""
    thread_ts: str | None = None
    priority: int = 5
    """0 is most urgent (a page), 9 cosmetics."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


def say(*parts: str | Span) -> Line:
    """Build a line; bare strings are plain text, empty ones vanish."""
    return tuple(Text(text=part) if isinstance(part, str) else part for part in parts if part != "")


def bold(text: str) -> Text:
    return Text(text=text, style="bold")


def code(text: str) -> Text:
    return Text(text=text, style="code")


def italic(text: str) -> Text:
    return Text(text=text, style="italic")


def flat(line: Line) -> str:
    """Return a line as bare text."""
    shown = []
    for span in line:
        if isinstance(span, When):
            shown.append(span.fallback)
        elif isinstance(span, Mention):
            shown.append(f"@{span.name or span.id}")
        elif isinstance(span, Link):
            shown.append(f"{span.text} ({span.url})")
        else:
            shown.append(span.text)
    return "".join(shown)
