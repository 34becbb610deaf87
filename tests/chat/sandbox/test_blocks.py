"""The validator against tables of blocks that Slack takes and refuses."""

from typing import Any

import pytest

from bot.sandbox.blocks import check_message, check_view


def plain(text: str = "words") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*words*") -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(), **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), "action_id": "go", **more}


def option(value: str = "1", **more: Any) -> dict[str, Any]:
    return {"text": plain(), "value": value, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def menu(kind: str = "static_select", **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "pick", **more}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": element, **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("It restarts."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
    "style": "danger",
}
WORD = {"type": "text", "text": "x", "style": {"bold": True}}
CELL = {"type": "raw_text", "text": "cell"}

GOOD = {
    "a section with all it may have": section(fields=[plain(), mrkdwn()], block_id="s", accessory=button()),
    "a section of fields only": {"type": "section", "fields": [mrkdwn()] * 10},
    "a section at its limit": section(text=mrkdwn("x" * 3000)),
    "a header": {"type": "header", "text": plain("x" * 150)},
    "a divider": {"type": "divider"},
    "a context of images and texts": {
        "type": "context",
        "elements": [mrkdwn(), plain(), {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"}],
    },
    "buttons": actions(button(style="danger", value="v", confirm=CONFIRM), button(action_id="b", url="https://example.org/")),
    "a null that stands for nothing": actions(button(value=None)),
    "an overflow menu": actions(menu("overflow", options=[option(url="https://example.org")] * 1)),
    "selects": actions(
        menu(options=[option(str(n)) for n in range(100)], placeholder=plain()),
        menu("users_select", action_id="u"),
        menu("conversations_select", action_id="c", filter={"include": ["public"]}),
        menu("external_select", action_id="e", min_query_length=0),
        menu("datepicker", action_id="d", initial_date="2026-11-24"),
        menu("timepicker", action_id="t", initial_time="09:30", timezone="Europe/Berlin"),
        menu("datetimepicker", action_id="dt", initial_date_time=1795500000),
    ),
    "grouped options": actions(menu(option_groups=[{"label": plain(), "options": [option()]}], initial_option=option())),
    "boxes with mrkdwn": actions(menu("checkboxes", options=[{"text": mrkdwn(), "value": "1"}])),
    "an image": {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a", "title": plain()},
    "rich text of every sort": rich(
        {"type": "rich_text_section", "elements": [WORD, {"type": "link", "url": "https://example.org"}]},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [{"type": "rich_text_section", "elements": [WORD]}]},
        {"type": "rich_text_preformatted", "border": 0, "elements": [{"type": "text", "text": "def f():"}]},
        {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"}]},
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "emoji", "name": "red_circle"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "date", "timestamp": 1795500000, "format": "{time}", "fallback": "then"},
            ],
        },
    ),
    "an input": field({"type": "plain_text_input", "action_id": "a", "multiline": True, "max_length": 3000}, optional=True),
    "a markdown block": {"type": "markdown", "text": "# x"},
    "a table": {"type": "table", "rows": [[CELL, rich({"type": "rich_text_section", "elements": [WORD]})]] * 100, "column_settings": [None, {"align": "right"}]},
}  # fmt: skip

BAD = {
    "an unknown block": ({"type": "sektion"}, "/blocks/0/type"),
    "a block without a type": ({"text": mrkdwn()}, "/blocks/0/type"),
    "a block that is a string": ("hello", "/blocks/0"),
    "an unknown field": (section(colour="red"), "/blocks/0"),
    "an empty text": (section(text=mrkdwn("")), "/blocks/0/text/text"),
    "a long text": (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text"),
    "a text that is a string": (section(text="x"), "/blocks/0/text"),
    "an emoji flag on mrkdwn": (section(text={**mrkdwn(), "emoji": True}), "/blocks/0/text"),
    "a section of nothing": ({"type": "section"}, "/blocks/0"),
    "no fields": ({"type": "section", "fields": []}, "/blocks/0/fields"),
    "too many fields": ({"type": "section", "fields": [mrkdwn()] * 11}, "/blocks/0/fields"),
    "a long field": ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/blocks/0/fields/0/text"),
    "an accessory that may not be there": (section(accessory={"type": "plain_text_input", "action_id": "a"}), "/blocks/0/accessory/type"),
    "a header in mrkdwn": ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type"),
    "a long header": ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    "actions of nothing": (actions(), "/blocks/0/elements"),
    "too many actions": (actions(*(button(action_id=str(n)) for n in range(26))), "/blocks/0/elements"),
    "an element that is none": (actions({"type": "knob", "action_id": "k"}), "/blocks/0/elements/0/type"),
    "two of one action_id": (actions(button(), button()), "/blocks/0/elements/1/action_id"),
    "a long action_id": (actions(button(action_id="x" * 256)), "/blocks/0/elements/0/action_id"),
    "a long block_id": (section(block_id="x" * 256), "/blocks/0/block_id"),
    "a long button": (actions(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text"),
    "a button in mrkdwn": (actions(button(text=mrkdwn())), "/blocks/0/elements/0/text/type"),
    "a button of no style": (actions(button(style="warning")), "/blocks/0/elements/0/style"),
    "a long button value": (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value"),
    "a button value that is a number": (actions(button(value=1)), "/blocks/0/elements/0/value"),
    "a button address that is none": (actions(button(url="example")), "/blocks/0/elements/0/url"),
    "a confirm without deny": (actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"})), "/blocks/0/elements/0/confirm"),
    "a long confirm text": (actions(button(confirm={**CONFIRM, "text": plain("x" * 301)})), "/blocks/0/elements/0/confirm/text/text"),
    "a long confirm title": (actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})), "/blocks/0/elements/0/confirm/title/text"),
    "a select of nothing": (actions(menu(options=[])), "/blocks/0/elements/0/options"),
    "a select without options": (actions(menu()), "/blocks/0/elements/0"),
    "101 options": (actions(menu(options=[option()] * 101)), "/blocks/0/elements/0/options"),
    "a long option": (actions(menu(options=[option(text=plain("x" * 76))])), "/blocks/0/elements/0/options/0/text/text"),
    "a long option value": (actions(menu(options=[option("x" * 151)])), "/blocks/0/elements/0/options/0/value"),
    "a select option in mrkdwn": (actions(menu(options=[option(text=mrkdwn())])), "/blocks/0/elements/0/options/0/text/type"),
    "a first choice that is none": (actions(menu(options=[option()], initial_option=option("2"))), "/blocks/0/elements/0"),
    "a long placeholder": (actions(menu(options=[option()], placeholder=plain("x" * 151))), "/blocks/0/elements/0/placeholder/text"),
    "six in an overflow": (actions(menu("overflow", options=[option(str(n)) for n in range(6)])), "/blocks/0/elements/0/options"),
    "eleven boxes": (actions(menu("checkboxes", options=[option(str(n)) for n in range(11)])), "/blocks/0/elements/0/options"),
    "a day that is none": (actions(menu("datepicker", initial_date="24.11.2026")), "/blocks/0/elements/0/initial_date"),
    "eleven in a context": ({"type": "context", "elements": [plain()] * 11}, "/blocks/0/elements"),
    "a button in a context": ({"type": "context", "elements": [button()]}, "/blocks/0/elements/0/type"),
    "an image without words": ({"type": "image", "image_url": "https://example.org/a.png"}, "/blocks/0"),
    "an image of nothing": ({"type": "image", "alt_text": "a"}, "/blocks/0"),
    "an image from nowhere": ({"type": "image", "image_url": "chart.png", "alt_text": "a"}, "/blocks/0/image_url"),
    "an input without a label": ({"type": "input", "element": {"type": "plain_text_input"}}, "/blocks/0"),
    "a button as input": (field(button()), "/blocks/0/element/type"),
    "an unbounded input": (field({"type": "plain_text_input", "max_length": 3001}), "/blocks/0/element/max_length"),
    "rich text of unknown sort": (rich({"type": "rich_text_table", "elements": []}), "/blocks/0/elements/0/type"),
    "an empty word in rich text": (rich({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}), "/blocks/0/elements/0/elements/0/text"),
    "mrkdwn in rich text": (rich({"type": "rich_text_section", "elements": [mrkdwn()]}), "/blocks/0/elements/0/elements/0/type"),
    "an unknown style in rich text": (rich({"type": "rich_text_section", "elements": [{**WORD, "style": {"loud": True}}]}), "/blocks/0/elements/0/elements/0/style"),
    "a list without style": (rich({"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [WORD]}]}), "/blocks/0/elements/0"),
    "a list of words": (rich({"type": "rich_text_list", "style": "bullet", "elements": [WORD]}), "/blocks/0/elements/0/elements/0/type"),
    "a broadcast to nobody": (rich({"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "all"}]}), "/blocks/0/elements/0/elements/0/range"),
    "too much markdown": ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text"),
    "101 rows": ({"type": "table", "rows": [[CELL]] * 101}, "/blocks/0/rows"),
    "21 cells": ({"type": "table", "rows": [[CELL] * 21]}, "/blocks/0/rows/0"),
    "a cell of plain text": ({"type": "table", "rows": [[plain()]]}, "/blocks/0/rows/0/0/type"),
    "an alert in a message": ({"type": "alert", "text": plain()}, "/blocks/0/type"),
    "six feedback buttons": ({"type": "context_actions", "elements": [{"type": "icon_button"}] * 6}, "/blocks/0/elements"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_slack_takes(name: str) -> None:
    assert check_message([GOOD[name]]) == []


@pytest.mark.parametrize("name", BAD)
def test_slack_refuses_and_points_to_the_place(name: str) -> None:
    block, pointer = BAD[name]
    assert pointer in [flaw.pointer for flaw in check_message([block])]


def test_a_message_has_at_most_fifty_blocks() -> None:
    assert check_message([{"type": "divider"}] * 50) == []
    assert [flaw.pointer for flaw in check_message([{"type": "divider"}] * 51)] == ["/blocks"]


def test_a_block_id_is_used_once_in_a_message() -> None:
    flaws = check_message([section(block_id="a"), section(block_id="b"), section(block_id="a")])
    assert [flaw.pointer for flaw in flaws] == ["/blocks/2/block_id"]


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert check_message([actions(button()), actions(button())]) == []


def test_a_flaw_is_told_in_slacks_words() -> None:
    flaw = check_message([section(text=mrkdwn("x" * 3001))])[0]
    assert flaw.line == "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("A title"), "blocks": [section()], **more}


INPUT = field({"type": "plain_text_input", "action_id": "a"})
GOOD_VIEWS = {
    "a modal": modal(
        close=plain(), submit=plain(), private_metadata="x" * 3000, callback_id="c", notify_on_close=True
    ),
    "a modal with inputs": modal(blocks=[INPUT], submit=plain()),
    "a hundred blocks": modal(blocks=[{"type": "divider"}] * 100),
    "a home": {"type": "home", "blocks": [section(), INPUT]},
}
BAD_VIEWS = {
    "no view": ("modal", "/view"),
    "an unknown view": (modal(type="popup"), "/view/type"),
    "inputs without submit": (modal(blocks=[INPUT]), "/view"),
    "a long title": (modal(title=plain("x" * 25)), "/view/title/text"),
    "a title in mrkdwn": (modal(title=mrkdwn()), "/view/title/type"),
    "no title": ({"type": "modal", "blocks": []}, "/view"),
    "a long submit": (modal(submit=plain("x" * 25)), "/view/submit/text"),
    "much private metadata": (modal(private_metadata="x" * 3001), "/view/private_metadata"),
    "a long callback_id": (modal(callback_id="x" * 256), "/view/callback_id"),
    "101 blocks": (modal(blocks=[{"type": "divider"}] * 101), "/view/blocks"),
    "an unknown field": (modal(colour="red"), "/view"),
    "a bad block": (modal(blocks=[section(text=mrkdwn(""))]), "/view/blocks/0/text/text"),
    "a table": (modal(blocks=[{"type": "table", "rows": [[CELL]]}]), "/view/blocks/0/type"),
    "a submit on the home": ({"type": "home", "blocks": [], "submit": plain()}, "/view"),
}


@pytest.mark.parametrize("name", GOOD_VIEWS)
def test_slack_opens(name: str) -> None:
    assert check_view(GOOD_VIEWS[name]) == []


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_slack_does_not_open(name: str) -> None:
    view, pointer = BAD_VIEWS[name]
    assert pointer in [flaw.pointer for flaw in check_view(view)]
