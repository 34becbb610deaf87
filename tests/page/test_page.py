"""The chat page in a real browser: what is shown, and that nothing which a person is doing gets lost."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import websocket

from tests.browser import needs_browser, running_browser
from tests.chat.sandbox.raw_app import RawApp, raw_app
from tests.sandbox_process import Sandbox, running_sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, needs_browser]
Json = dict[str, Any]
OPS = "C0OPS0000"
COMPLETIONS = [
    {"text": text, "note": note}
    for text, note in (("/hang inspect demo1", "evidence"), ("/hang status", "the fleet"), ("/hang silence demo1 30m", "not told"))
]  # fmt: skip
WORKSPACE = {"commands": [{"command": "/hang", "completions": COMPLETIONS}]}
SLOW = 20_000


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def card(number: int, *, ack: bool = True) -> list[Json]:
    """An alert's card as it looks after `number` edits: other block ids each time, as the bot does it."""
    options = [{"text": plain(text), "value": text} for text in ("30m", "2h", "8h")]
    menu = {
        "type": "static_select",
        "action_id": "silence",
        "placeholder": plain("Silence"),
        "options": options,
    }
    button = {"type": "button", "action_id": "ack", "text": plain("Acknowledge"), "value": "a1"}
    made: list[Json] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"🔴 *shop does not answer* {number}"}},
        *([{"type": "context", "elements": [{"type": "mrkdwn", "text": "more"}]}] if number % 2 else []),
        {"type": "actions", "elements": [*([button] if ack else []), menu]},
    ]
    return [{**block, "block_id": f"{number}.{index}"} for index, block in enumerate(made)]


class App:
    """An app that acknowledges everything and keeps what it was told."""

    def __init__(self, raw: RawApp) -> None:
        self.raw, self.heard, self.over = raw, [], False  # type: tuple[RawApp, list[Json], bool]
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while not self.over:
            try:
                frame = self.raw.receive(0.2)
            except websocket.WebSocketTimeoutException:
                continue
            except (websocket.WebSocketException, OSError):
                return
            if "envelope_id" in frame:
                self.raw.ack(frame)
                self.heard.append(frame["payload"])

    def actions(self) -> list[tuple[str, str]]:
        """Give (action_id, value) of all presses and picks."""
        found = [action for payload in list(self.heard) for action in payload.get("actions", [])]
        return [(one["action_id"], one.get("value") or one["selected_option"]["value"]) for one in found]

    def lines(self) -> list[str]:
        """Give what was typed as a command."""
        return [payload["text"] for payload in list(self.heard) if "command" in payload]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(WORKSPACE) as running:
        yield running


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[App]:
    with raw_app(sandbox) as raw:
        listening = App(raw)
        try:
            yield listening
        finally:
            listening.over = True
            listening.thread.join(20)


@pytest.fixture
def page(browser: "Browser", sandbox: Sandbox) -> "Iterator[Page]":
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(sandbox.url)
    page.get_by_text("# ops").first.wait_for(timeout=SLOW)
    yield page
    page.close()
    assert errors == []


def say(sandbox: Sandbox, **message: Any) -> str:
    for _ in range(10):
        answer = sandbox.api("chat.postMessage", **{"channel": OPS, "text": "x", **message})
        if answer["ok"]:
            return str(answer["ts"])
        assert answer["error"] == "ratelimited", answer
        time.sleep(1.05)
    raise AssertionError("the channel takes no more messages")


def edit(sandbox: Sandbox, ts: str, blocks: list[Json]) -> None:
    answer = sandbox.api("chat.update", channel=OPS, ts=ts, text="x", blocks=blocks)
    assert answer["ok"], answer


def article(page: "Page", ts: str) -> "Locator":
    found = page.locator(f'#stream article[data-ts="{ts}"]')
    found.wait_for(timeout=SLOW)
    return found


def until(page: "Page", look: Callable[[], Any], seconds: float = 20) -> None:
    for _ in range(int(seconds * 20)):
        if look():
            return
        page.wait_for_timeout(50)
    raise AssertionError("not seen in time")


def test_an_edit_under_a_pressed_button_does_not_swallow_the_click(
    page: "Page", sandbox: Sandbox, app: App
) -> None:
    from playwright.sync_api import expect

    ts = say(sandbox, blocks=card(0))
    shown = article(page, ts)
    shown.get_by_role("button", name="Acknowledge").hover()
    page.mouse.down()
    edit(sandbox, ts, card(1, ack=False))
    say(sandbox, text="so that the page has drawn anew")
    page.get_by_text("so that the page has drawn anew").wait_for(timeout=SLOW)
    page.mouse.up()
    until(page, lambda: shown.locator(".problem").count() or app.actions())
    # The button is gone from the edited card: the person hears so, nothing is silently dropped.
    expect(shown.locator(".problem")).to_contain_text("no element 'ack' there")
    expect(shown.get_by_role("button", name="Acknowledge")).to_have_count(0)
    edit(sandbox, ts, card(2))
    shown.get_by_role("button", name="Acknowledge").hover()
    page.mouse.down()
    edit(sandbox, ts, card(3))
    page.wait_for_timeout(300)
    page.mouse.up()
    until(page, lambda: app.actions() == [("ack", "a1")])
    expect(shown).to_contain_text("answer 3", timeout=SLOW)


def test_an_open_menu_stays_open_through_edits_and_its_choice_arrives(
    page: "Page", sandbox: Sandbox, app: App
) -> None:
    from playwright.sync_api import expect

    ts = say(sandbox, blocks=card(0))
    menu = article(page, ts).get_by_role("combobox")
    menu.focus()
    page.keyboard.press("Enter")
    until(page, lambda: menu.evaluate("node => node.matches(':open')"))
    for number in (1, 2, 3):
        edit(sandbox, ts, card(number))
    page.wait_for_timeout(400)
    assert menu.evaluate("node => node.matches(':open') && node === document.activeElement")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, app.actions)
    assert [action for action, _ in app.actions()] == ["silence"]
    expect(article(page, ts)).to_contain_text("answer 3", timeout=SLOW)
    assert menu.evaluate("node => node === document.activeElement")


def test_every_pick_arrives_while_the_card_is_edited_all_the_time(
    page: "Page", sandbox: Sandbox, app: App
) -> None:
    ts = say(sandbox, blocks=card(0))
    menu = article(page, ts).locator("select")
    over = threading.Event()

    def edits() -> None:
        for number in range(1, 25):
            edit(sandbox, ts, card(number))
            if over.wait(0.1):
                return

    writer = threading.Thread(target=edits)
    writer.start()
    try:
        wanted = []
        for value in ("30m", "2h", "8h", "30m", "2h"):
            menu.select_option(label=value)
            wanted.append(("silence", value))
            until(page, lambda: app.actions() == wanted)
    finally:
        over.set()
        writer.join()


def test_an_arrow_on_a_closed_menu_opens_it_and_picks_nothing(
    page: "Page", sandbox: Sandbox, app: App
) -> None:
    menu = article(page, say(sandbox, blocks=card(0))).get_by_role("combobox")
    menu.focus()
    page.keyboard.press("ArrowDown")
    until(page, lambda: menu.evaluate("node => node.matches(':open')"))
    page.keyboard.press("Escape")
    assert app.actions() == []


def test_a_failed_press_is_told_beside_its_button(page: "Page", sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    shown = article(page, say(sandbox, blocks=card(0)))
    shown.get_by_role("button", name="Acknowledge").click()
    expect(shown.get_by_role("alert")).to_contain_text("hangbot is not connected", timeout=SLOW)
    expect(page.get_by_role("status")).to_have_text("hangbot is not connected")


def test_an_act_that_asks_first_is_done_only_after_yes(page: "Page", sandbox: Sandbox, app: App) -> None:
    question = {
        "title": plain("Restart shop?"),
        "text": {"type": "mrkdwn", "text": "I run `systemctl`."},
        "confirm": plain("Restart"),
        "deny": plain("Cancel"),
        "style": "danger",
    }
    button = {
        "type": "button",
        "action_id": "go",
        "text": plain("Restart…"),
        "value": "1",
        "confirm": question,
    }
    shown = article(page, say(sandbox, blocks=[{"type": "actions", "elements": [button]}]))
    shown.get_by_role("button", name="Restart…").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name="Cancel").click()
    shown.get_by_role("button", name="Restart…").click()
    assert asked.locator("code").inner_text() == "systemctl"
    assert app.actions() == []
    asked.get_by_role("button", name="Restart").click()
    until(page, lambda: app.actions() == [("go", "1")])


def test_verbs_are_completed_by_keyboard(page: "Page", app: App) -> None:
    line = page.get_by_label("Message", exact=True)
    line.focus()
    page.keyboard.type("/hang s")
    offered = page.get_by_role("listbox", name="Completions")
    shown = [option.inner_text().split("\n")[0] for option in offered.get_by_role("option").all()]
    assert shown == ["/hang status", "/hang silence demo1 30m", "/hang inspect demo1"]
    page.keyboard.press("ArrowDown")
    active = str(line.get_attribute("aria-activedescendant"))
    assert page.locator(f"#{active}").inner_text().startswith("/hang silence")
    page.keyboard.press("Tab")
    assert line.input_value() == "/hang silence demo1 30m"
    line.fill("/hang ins")
    page.keyboard.press("Escape")
    assert offered.count() == 0
    page.keyboard.press("Enter")
    until(page, lambda: app.lines() == ["ins"])
    assert line.input_value() == ""


def test_a_draft_an_open_thread_and_the_place_one_reads_stay(page: "Page", sandbox: Sandbox) -> None:
    root = say(sandbox, text="a root with a thread")
    for number in range(3):
        say(sandbox, text="\n".join(f"line {number} {row}" for row in range(30)))
    say(sandbox, text="first reply", thread_ts=root)
    shown = article(page, root)
    shown.get_by_role("button", name="1 reply").click()
    reply = page.get_by_label("Reply", exact=True)
    assert reply.evaluate("node => node === document.activeElement")
    page.keyboard.type("half a sente")
    shown.scroll_into_view_if_needed()
    top = shown.bounding_box()
    say(sandbox, text="second reply", thread_ts=root)
    say(sandbox, text="and something new below")
    page.locator("#replies").get_by_text("second reply").wait_for(timeout=SLOW)
    page.locator("#stream").get_by_text("and something new below").wait_for(timeout=SLOW)
    assert reply.input_value() == "half a sente"
    assert reply.evaluate("node => node === document.activeElement")
    after = shown.bounding_box()
    assert top
    assert after
    assert abs(top["y"] - after["y"]) < 3
    page.get_by_role("button", name="New messages").click()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Close the thread").click()
    assert page.get_by_role("complementary").count() == 0
    shown.get_by_role("button", name="2 replies").click()
    assert page.get_by_label("Reply", exact=True).input_value() == "half a sente"


def test_foreign_text_is_text(page: "Page", sandbox: Sandbox) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    style = {"bold": True, "italic": True, "strike": True}
    spans = [
        {"type": "text", "text": evil, "style": style},
        {"type": "link", "url": "javascript:document.title='owned'", "text": "press me"},
        {"type": "date", "timestamp": 9e15, "format": "{date}", "fallback": "some day"},
        {"type": "emoji", "name": "none", "unicode": "zz"},
    ]
    lines = f"{evil} <javascript:alert(1)|click> <!date^abc^{{time}}|that day> <!date^9e99^{{time}}|never> *x* `y`"
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": lines}},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": spans}]},
        {"type": "header", "text": plain(evil[:140])},
    ]
    shown = article(page, say(sandbox, text=evil, blocks=blocks))
    assert shown.locator("img, script").count() == 0
    assert {node.get_attribute("href") for node in shown.locator("a").all()} == {"about:blank"}
    for words in ("that day", "never", "some day"):
        assert words in shown.inner_text()
    sandbox.say("eve", evil)
    page.get_by_text("onerror=").last.wait_for(timeout=SLOW)
    assert page.title() != "owned"


def test_rich_text_has_every_element(page: "Page", sandbox: Sandbox) -> None:
    def line(*spans: Json) -> Json:
        return {"type": "rich_text_section", "elements": list(spans)}

    def word(text: str, **style: bool) -> Json:
        return {"type": "text", "text": text, **({"style": style} if style else {})}

    elements = [
        line(word("strong", bold=True), word("leaning", italic=True), word("gone", strike=True), word("fixed", code=True)),
        line({"type": "user", "user_id": "U0ANA0000"}, {"type": "channel", "channel_id": OPS}, {"type": "broadcast", "range": "here"}),
        line({"type": "emoji", "name": "eyes"}, {"type": "date", "timestamp": 1795500000, "format": "{date_num}"}),
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [line(word("third"))]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [line(word("deep"))]},
        {"type": "rich_text_quote", "elements": [word("quoted")]},
        {"type": "rich_text_preformatted", "elements": [word("  40 │ a\n→ 41 │ b")]},
    ]  # fmt: skip
    shown = article(page, say(sandbox, blocks=[{"type": "rich_text", "elements": elements}]))
    for tag, text in {"b": "strong", "em": "leaning", "s": "gone", "p > code": "fixed", "ol[start='3'] li": "third",
                      "ul.deep-1 li": "deep", "blockquote": "quoted", "pre i.here": "→ 41 │ b"}.items():  # fmt: skip
        assert shown.locator(tag).inner_text() == text
    assert [node.inner_text() for node in shown.locator(".mention").all()] == ["@ana", "#ops", "@here"]
    assert "👀" in shown.inner_text()
    assert "2026" in shown.locator("p time").inner_text()


def test_a_modal_keeps_what_was_typed_when_it_is_updated(page: "Page", sandbox: Sandbox, app: App) -> None:
    def view(note: str) -> Json:
        field = {"type": "plain_text_input", "action_id": "t"}
        pick = {
            "type": "static_select",
            "action_id": "s",
            "options": [{"text": plain(v), "value": v} for v in "ab"],
        }
        blocks = [
            {"type": "section", "text": plain(note)},
            {"type": "input", "block_id": "title", "label": plain("Title"), "element": field},
            {"type": "input", "block_id": "kind", "label": plain("Kind"), "element": pick},
        ]
        return {"type": "modal", "title": plain("Open"), "submit": plain("Go"), "blocks": blocks}  # fmt: skip

    sandbox.say("ana", "/hang incident")
    until(page, app.lines)
    opened = sandbox.api("views.open", trigger_id=app.heard[-1]["trigger_id"], view=view("one"))
    form = page.get_by_role("dialog")
    form.get_by_label("Title").fill("shop hangs")
    sandbox.api("views.update", view_id=opened["view"]["id"], view=view("two"))
    form.get_by_text("two").wait_for(timeout=SLOW)
    assert form.get_by_label("Title").input_value() == "shop hangs"
    form.get_by_label("Kind").select_option("b")
    form.get_by_role("button", name="Go").click()
    form.wait_for(state="hidden", timeout=SLOW)
    sent = app.heard[-1]["view"]["state"]["values"]
    assert sent["title"]["t"]["value"] == "shop hangs"
    assert sent["kind"]["s"]["selected_option"]["value"] == "b"


def test_the_page_finds_a_sandbox_that_was_started_anew(browser: "Browser") -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800})
    with running_sandbox(WORKSPACE) as first:
        port = int(first.url.rstrip("/").rpartition(":")[2])
        page.goto(first.url)
        say(first, text="before")
        page.get_by_text("before").wait_for(timeout=SLOW)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.get_by_label("Message", exact=True).fill("/hang half")
    page.get_by_text("reconnecting").wait_for(timeout=SLOW)
    page.get_by_label("Message", exact=True).press("Enter")
    page.get_by_role("alert").get_by_text("the sandbox does not answer").wait_for(timeout=SLOW)
    assert page.get_by_label("Message", exact=True).input_value() == "/hang half"
    with running_sandbox(WORKSPACE, port=port) as second:
        say(second, text="after")
        page.get_by_text("after", exact=True).wait_for(timeout=SLOW)
        assert page.get_by_text("before", exact=True).count() == 0
        assert page.get_by_text("reconnecting").count() == 0
    page.close()


def test_no_rule_was_broken(sandbox: Sandbox) -> None:
    assert sandbox.violations() == []
