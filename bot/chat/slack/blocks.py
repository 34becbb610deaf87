"""Message → Block Kit. The only place that knows Block Kit and its limits (docs.slack.dev/reference/block-kit).

Foreign text is literal: rich text elements need no escaping; in mrkdwn `& < >` are escaped, and marks that would format
and cannot be escaped give way to letters that look alike. What is too long is cut and says so; nothing is an error.
"""

import re
import unicodedata
from typing import Any

from bot.domain.messages import (
    Bullets,
    Button,
    Buttons,
    CodeBlock,
    Context,
    Divider,
    FieldRow,
    Line,
    Link,
    Mention,
    Menu,
    Message,
    Paragraph,
    Section,
    Span,
    Text,
    Tone,
    When,
    flat,
)

Block = dict[str, Any]
EMOJI = {
    Tone.CRITICAL: "🔴 ",
    Tone.WARNING: "🟠 ",
    Tone.ACKNOWLEDGED: "🟠 ",
    Tone.GOOD: "🟢 ",
    Tone.BLIND: "🟣 ",
    Tone.PLAIN: "",
}
MOST_BLOCKS, MOST_TEXT, MOST_FIELDS, MOST_FIELD, MOST_CODE = 50, 3000, 10, 2000, 6000
PLAIN_TEXT_LIMIT = 3000
TEXT_LIMIT = 4000
"""What `chat.update` takes."""
DATES = {
    "time": "{time}",
    "time_secs": "{time_secs}",
    "date": "{date_short_pretty}",
    "date_time": "{date_short_pretty} {time}",
}
ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[PX^_][^\x1b]*(\x1b\\)?|[@-Z\\-_])")
MARKS = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")
BROADCAST = re.compile(r"<!(?=channel|here|everyone|subteam)", re.IGNORECASE)
LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}


def blocks(message: Message, *, version: str) -> list[Block]:
    """Return the blocks of a message; `version` keeps their ids apart from those of its earlier versions."""
    found: list[Block] = []
    if message.title:
        found.append(_section(EMOJI[message.tone] + mrkdwn(message.title, strong=True)))
    for section in message.sections:
        found += _block(section)
    if len(found) > MOST_BLOCKS:
        left_out = len(found) - MOST_BLOCKS + 1
        found = [*found[: MOST_BLOCKS - 1], _context(f"… ({left_out} more)")]
    return [{**block, "block_id": f"{version}.{number}"[-255:]} for number, block in enumerate(found)]


def text(message: Message) -> str:
    """Return the one-line text of a message, with live mentions where the message wants them."""
    shown = escape(clean(message.text))
    for section in message.sections:
        lines = (
            [line for _, line in section.fields]
            if isinstance(section, FieldRow)
            else [getattr(section, "line", ())]
        )
        for span in (one for line in lines for one in line if isinstance(one, Mention) and not one.quiet):
            shown = shown.replace(f"@{span.id}", _mrkdwn_span(span, strong=False))
    return cut(shown, TEXT_LIMIT)


def plain(message: Message) -> str:
    """Return the message as text alone, for a workspace that refuses its blocks."""
    lines = [message.text]
    for section in message.sections:
        if isinstance(section, Paragraph | Context):
            lines.append(" ".join(filter(None, (getattr(section, "label", ""), flat(section.line)))))
        elif isinstance(section, Bullets):
            lines += [f"• {flat(line)}" for line in section.lines]
        elif isinstance(section, CodeBlock):
            lines += [line.text for line in section.lines]
    return cut(escape(clean("\n".join(lines))), PLAIN_TEXT_LIMIT)


def _block(section: Section) -> list[Block]:
    match section:
        case Paragraph(line=line, label=label):
            head = [{"type": "text", "text": f"{label} ", "style": {"bold": True}}] if label else []
            return [_rich({"type": "rich_text_section", "elements": [*head, *rich(line)]})]
        case Bullets(lines=lines):
            items = [{"type": "rich_text_section", "elements": rich(line)} for line in lines if line]
            return [_rich({"type": "rich_text_list", "style": "bullet", "elements": items})] if items else []
        case FieldRow(fields=fields):
            shown = [
                {"type": "mrkdwn", "text": cut(f"*{_word(label)}*\n{mrkdwn(line)}", MOST_FIELD)}
                for label, line in fields[:MOST_FIELDS]
            ]
            return [{"type": "section", "fields": shown}] if shown else []
        case CodeBlock():
            return [
                _rich(
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": _code(section)}]}
                )
            ]
        case Buttons(buttons=buttons):
            elements = [_menu(one) if isinstance(one, Menu) else _button(one) for one in buttons[:25]]
            return [{"type": "actions", "elements": elements}] if elements else []
        case Context(line=line):
            return [_context(mrkdwn(line))]
        case Divider():
            return [{"type": "divider"}]


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _section(content: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(content, MOST_TEXT)}}


def _context(content: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(content, MOST_TEXT)}]}


def _code(block: CodeBlock) -> str:
    width = max((len(str(line.number)) for line in block.lines if line.number is not None), default=0)
    rows = []
    for line in block.lines:
        arrow = "→ " if line.here else "  "
        number = f"{line.number:>{width}} │ " if line.number is not None else ""
        rows.append(f"{arrow if width else ''}{number}{clean(line.text)}")
    return cut("\n".join(rows), MOST_CODE) or " "


def _button(button: Button) -> Block:
    made: Block = {
        "type": "button",
        "action_id": button.action,
        "text": _plain_text(button.label, 75),
        "value": button.value[:2000],
    }
    if button.style != "default":
        made["style"] = button.style
    if ask := button.ask:
        made["confirm"] = {
            "title": _plain_text(ask.title, 100),
            "text": _plain_text(ask.text, 300),
            "confirm": _plain_text(ask.confirm, 30),
            "deny": _plain_text(ask.deny, 30),
        }
    return made


def _menu(menu: Menu) -> Block:
    options = [{"text": _plain_text(label, 75), "value": value[:150]} for label, value in menu.options[:100]]
    return {
        "type": "static_select",
        "action_id": menu.action,
        "placeholder": _plain_text(menu.label, 150),
        "options": options,
    }


def _plain_text(content: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(clean(content), most), "emoji": True}


# --- lines


def rich(line: Line) -> list[Block]:
    """Return a line's rich text elements; an empty line is a blank, since Slack wants at least one element."""
    return [_rich_span(span) for span in line] or [{"type": "text", "text": " "}]


def _rich_span(span: Span) -> Block:
    if isinstance(span, When):
        return {
            "type": "date",
            "timestamp": int(span.at.timestamp()),
            "format": DATES[span.style],
            "fallback": clean(span.fallback) or " ",
        }
    if isinstance(span, Mention):
        if span.quiet:
            return {"type": "text", "text": f"@{clean(span.name or span.id)}"}
        kind = "usergroup" if span.id.startswith("S") else "user"
        return {"type": kind, f"{kind}_id": span.id}
    if isinstance(span, Link):
        return {"type": "link", "url": span.url, "text": cut(clean(span.text), MOST_TEXT)}
    element: Block = {"type": "text", "text": cut(clean(span.text), MOST_TEXT) or " "}
    if span.style != "plain":
        element["style"] = {span.style: True}
    return element


def mrkdwn(line: Line, *, strong: bool = False) -> str:
    """Return a line as mrkdwn; `strong` makes its plain parts bold, unless it has bold parts of its own."""
    strong = strong and not any(isinstance(span, Text) and span.style == "bold" for span in line)
    return "".join(_mrkdwn_span(span, strong=strong) for span in line)


def _mrkdwn_span(span: Span, *, strong: bool) -> str:
    if isinstance(span, When):
        fallback = escape(clean(span.fallback)).replace("|", "/")
        return f"<!date^{int(span.at.timestamp())}^{DATES[span.style]}|{fallback}>"
    if isinstance(span, Link):
        return f"<{span.url}|{escape(clean(span.text))}>"
    if isinstance(span, Mention):
        if span.quiet:
            return _word(f"@{span.name or span.id}")
        return f"<!subteam^{span.id}>" if span.id.startswith("S") else f"<@{span.id}>"
    if span.style == "code":
        inner = escape(clean(span.text)).replace("`", "ˋ").replace("\n", " ")
        return f"`{inner}`" if inner.strip() else " "
    mark = {"bold": "*", "italic": "_", "plain": "*" if strong else ""}[span.style]
    word = _word(span.text)
    inner = word.strip()
    if not mark or not inner:
        return word
    before, after = word[: len(word) - len(word.lstrip())], word[len(word.rstrip()) :]
    return f"{before}{mark}{inner}{mark}{after}"


def _word(content: str) -> str:
    return MARKS.sub(lambda mark: LOOKALIKES[mark[0]], escape(clean(content))).replace("\n", " ")


# --- text from elsewhere


def clean(content: str) -> str:
    """Take out what would act on a screen instead of being read: escape sequences, controls, bidi and zero-width marks.

    What would ring a whole channel is disarmed even where it is literal: clients differ in what they make of it.
    """
    kept = (
        c for c in ANSI.sub("", content) if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return BROADCAST.sub("‹!", "".join(kept))


def escape(content: str) -> str:
    return content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(content: str, most: int) -> str:
    """Shorten to `most` characters, saying how many are left out; never inside an escaped character or a date."""
    if len(content) <= most:
        return content
    kept = content[: most - 24]
    for opening, closing in (("<", ">"), ("&", ";")):
        start = kept.rfind(opening)
        if start >= 0 and closing not in kept[start:]:
            kept = kept[:start]
    return f"{kept}… ({len(content) - len(kept)} more)"
