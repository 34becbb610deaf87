"""The Web API over HTTP, as an app calls it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox_process import APP_TOKEN, Sandbox, running_sandbox

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}


ROOMS = [{"name": f"room-{number}", "members": ["eve"]} for number in range(60)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox({"channels": [{"name": "ops"}, *ROOMS]}) as running:
        yield running


@pytest.fixture(scope="module")
def unused(sandbox: Sandbox) -> list[str]:
    return [channel["id"] for channel in sandbox.state()["channels"] if channel["name"].startswith("room-")]


@pytest.fixture
def room(unused: list[str]) -> str:
    """A channel of its own, so that tests do not share rates and messages."""
    return unused.pop()


def new_violations(sandbox: Sandbox, before: int) -> list[tuple[str, str, str | None]]:
    return [(row["method"], row["error"], row["pointer"]) for row in sandbox.violations()[before:]]


def test_the_token_decides(sandbox: Sandbox) -> None:
    assert sandbox.api("auth.test", token="")["error"] == "not_authed"
    assert sandbox.api("auth.test", token="xoxb-other")["error"] == "invalid_auth"
    assert sandbox.api("auth.test", token=APP_TOKEN)["error"] == "not_allowed_token_type"
    assert sandbox.api("apps.connections.open")["error"] == "not_allowed_token_type"
    assert sandbox.api("auth.test")["user_id"] == "U0HANGBOT"


def test_the_token_may_stand_in_the_form(sandbox: Sandbox) -> None:
    form = urllib.parse.urlencode({"token": "xoxb-sandbox"}).encode()
    with urllib.request.urlopen(sandbox.url + "api/auth.test", form, timeout=20) as answer:
        assert json.load(answer)["ok"]


def test_an_unknown_method_is_told_and_listed(sandbox: Sandbox) -> None:
    before = len(sandbox.violations())
    assert sandbox.api("chat.shout") == {"ok": False, "error": "unknown_method"}
    assert new_violations(sandbox, before) == [("chat.shout", "unknown_method", None)]


def test_a_bad_block_is_refused_with_its_place_and_listed(sandbox: Sandbox, room: str) -> None:
    before = len(sandbox.violations())
    answer = sandbox.api(
        "chat.postMessage",
        channel=room,
        text="x",
        blocks=[SECTION, {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    )
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be plain_text [json-pointer:/blocks/1/text/type]"
    ]
    assert new_violations(sandbox, before) == [("chat.postMessage", "invalid_blocks", "/blocks/1/text/type")]
    assert sandbox.messages(room) == []


TOO_LONG = "x" * 4001
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [TABLE, TABLE]}, "invalid_attachments"),
        ({"text": "x", "blocks": [{"type": "markdown", "text": "x" * 7000}] * 2}, "msg_blocks_too_long"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": None}}},
            "invalid_metadata_schema",
        ),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 20_000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused_and_listed(
    sandbox: Sandbox, room: str, arguments: dict[str, Any], error: str
) -> None:
    before = len(sandbox.violations())
    assert sandbox.api("chat.postMessage", channel=room, **arguments)["error"] == error
    assert [row[1] for row in new_violations(sandbox, before)] == [error]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ("chat.update", {"ts": "1795500000.000001", "text": "x"}, "message_not_found"),
        ("chat.postMessage", {"text": "x", "thread_ts": "1795500000.000001"}, "thread_not_found"),
        ("conversations.create", {"name": "ops"}, "name_taken"),
        ("users.lookupByEmail", {"email": "nobody@example.org"}, "users_not_found"),
        ("users.info", {"user": "U404"}, "user_not_found"),
    ],
)
def test_an_answer_about_the_state_of_things_is_no_violation(
    sandbox: Sandbox, room: str, method: str, arguments: dict[str, Any], error: str
) -> None:
    before = len(sandbox.violations())
    assert sandbox.api(method, **{"channel": room, **arguments})["error"] == error
    assert new_violations(sandbox, before) == []


def test_a_very_long_text_is_cut_and_listed(sandbox: Sandbox, room: str) -> None:
    before = len(sandbox.violations())
    assert len(sandbox.api("chat.postMessage", channel=room, text="x" * 40_001)["message"]["text"]) == 40_000
    assert [row[1] for row in new_violations(sandbox, before)] == ["message_truncated"]


def test_an_update_keeps_what_is_left_out_and_refuses_a_long_text(sandbox: Sandbox, room: str) -> None:
    metadata = {"event_type": "hangbot_alert", "event_payload": {"id": "a1"}}
    ts = sandbox.api("chat.postMessage", channel=room, text="one", blocks=[SECTION], metadata=metadata)["ts"]
    assert sandbox.api("chat.update", channel=room, ts=ts, text="two")["text"] == "two"
    message = sandbox.messages(room)[0]
    assert (message["text"], len(message["blocks"]), message["metadata"]) == ("two", 1, metadata)
    assert message["edited"]["user"] == "U0HANGBOT"
    assert sandbox.api("chat.update", channel=room, ts=ts, text=TOO_LONG)["error"] == "msg_too_long"


def test_what_a_person_said_cannot_be_changed_by_the_bot(sandbox: Sandbox) -> None:
    ts = sandbox.say("ana", "hello")["ts"]
    channel = sandbox.state()["channels"][0]["id"]
    assert sandbox.api("chat.update", channel=channel, ts=ts, text="x")["error"] == "cant_update_message"
    assert sandbox.api("chat.delete", channel=channel, ts=ts)["error"] == "cant_delete_message"


def test_metadata_comes_back_only_on_request(sandbox: Sandbox, room: str) -> None:
    metadata = {"event_type": "hangbot_alert", "event_payload": {"id": "a1"}}
    ts = sandbox.api("chat.postMessage", channel=room, text="one", metadata=metadata)["ts"]
    assert "metadata" not in sandbox.api("conversations.history", channel=room)["messages"][0]
    assert (
        sandbox.api("conversations.history", channel=room, include_all_metadata=True)["messages"][0][
            "metadata"
        ]
        == metadata
    )
    assert (
        sandbox.api("conversations.replies", channel=room, ts=ts, include_all_metadata=True)["messages"][0][
            "metadata"
        ]
        == metadata
    )


def test_history_pages_from_the_newest_and_leaves_threads_and_whispers_out(
    sandbox: Sandbox, room: str
) -> None:
    client = WebClient(token="xoxb-sandbox", base_url=sandbox.api_url)
    sandbox.api("conversations.invite", channel=room, users="U0ANA0000")
    sent = [client.chat_postMessage(channel=room, text=str(n))["ts"] for n in range(4)]
    client.chat_postMessage(channel=room, text="reply", thread_ts=sent[0])
    client.chat_postEphemeral(channel=room, user="U0ANA0000", text="psst")
    pages = [
        [message["ts"] for message in page["messages"]]
        for page in client.conversations_history(channel=room, limit=3)
    ]
    assert pages == [[sent[3], sent[2], sent[1]], [sent[0]]]
    newer = client.conversations_history(channel=room, oldest=sent[2])["messages"]
    assert [message["ts"] for message in newer] == [sent[3]]
    around = client.conversations_history(channel=room, oldest=sent[1], latest=sent[2], inclusive=True)[
        "messages"
    ]
    assert [message["ts"] for message in around] == [sent[2], sent[1]]


def test_replies_begin_with_their_parent(sandbox: Sandbox, room: str) -> None:
    root = sandbox.api("chat.postMessage", channel=room, text="root")["ts"]
    replies = [
        sandbox.api("chat.postMessage", channel=room, text=str(n), thread_ts=root)["ts"] for n in range(3)
    ]
    thread = sandbox.api("conversations.replies", channel=room, ts=root)["messages"]
    assert [message["ts"] for message in thread] == [root, *replies]
    assert (thread[0]["reply_count"], thread[0]["latest_reply"]) == (3, replies[-1])
    assert [reply["ts"] for reply in sandbox.messages(room)[0]["replies"]] == replies


def test_an_ephemeral_is_seen_by_one_person_and_cannot_be_updated(sandbox: Sandbox, room: str) -> None:
    sandbox.api("conversations.invite", channel=room, users="U0ANA0000")
    ts = sandbox.api("chat.postEphemeral", channel=room, user="U0ANA0000", text="psst")["message_ts"]
    shown = [row for row in sandbox.state()["ephemerals"] if row["message"]["ts"] == ts]
    assert [(row["user"], row["channel"], row["message"]["text"]) for row in shown] == [
        ("U0ANA0000", room, "psst")
    ]
    assert sandbox.api("chat.update", channel=room, ts=ts, text="x")["error"] == "message_not_found"
    assert sandbox.violations()[-1]["method"] == "chat.update"
    assert (
        sandbox.api("chat.postEphemeral", channel=room, user="U0BEN0000", text="x")["error"]
        == "user_not_in_channel"
    )


def test_a_user_id_as_channel_is_a_direct_message(sandbox: Sandbox) -> None:
    posted = sandbox.api("chat.postMessage", channel="U0BEN0000", text="for you")
    opened = sandbox.api("conversations.open", users="U0BEN0000")
    assert posted["channel"] == opened["channel"]["id"]
    assert [message["text"] for message in sandbox.messages(posted["channel"])] == ["for you"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("--", "invalid_name_punctuation"),
    ],
)
def test_a_channel_name_has_rules(sandbox: Sandbox, name: str, error: str) -> None:
    assert sandbox.api("conversations.create", name=name)["error"] == error


def test_an_archived_channel_takes_no_messages(sandbox: Sandbox, room: str) -> None:
    assert sandbox.api("conversations.archive", channel=room)["ok"]
    assert sandbox.api("chat.postMessage", channel=room, text="x")["error"] == "is_archived"


def test_the_bot_speaks_only_where_it_is_a_member() -> None:
    with running_sandbox({"channels": [{"name": "ops"}, {"name": "pay", "bot": False}]}) as sandbox:
        pay = sandbox.state()["channels"][1]["id"]
        assert sandbox.api("chat.postMessage", channel="#pay", text="x")["error"] == "not_in_channel"
        assert sandbox.api("conversations.history", channel=pay)["error"] == "not_in_channel"
        assert sandbox.api("conversations.join", channel=pay)["ok"]
        assert sandbox.api("chat.postMessage", channel="#pay", text="x")["ok"]


def test_reactions_and_pins_are_made_once(sandbox: Sandbox, room: str) -> None:
    ts = sandbox.api("chat.postMessage", channel=room, text="x")["ts"]
    wanted = {"channel": room, "timestamp": ts}
    assert sandbox.api("reactions.add", name="eyes", **wanted)["ok"]
    assert sandbox.api("reactions.add", name="eyes", **wanted)["error"] == "already_reacted"
    assert sandbox.api("reactions.get", **wanted)["message"]["reactions"][0]["name"] == "eyes"
    assert sandbox.api("reactions.remove", name="eyes", **wanted)["ok"]
    assert sandbox.api("reactions.remove", name="eyes", **wanted)["error"] == "no_reaction"
    assert sandbox.api("pins.add", **wanted)["ok"]
    assert sandbox.api("pins.add", **wanted)["error"] == "already_pinned"


def test_a_user_has_a_zone_and_its_offset(sandbox: Sandbox) -> None:
    user = sandbox.api("users.info", user="U0BEN0000")["user"]
    assert (user["name"], user["tz"]) == ("ben", "America/New_York")
    assert user["tz_offset"] in (-5 * 3600, -4 * 3600)
    names = [user["name"] for user in sandbox.api("users.list")["members"]]
    assert names == ["ana", "ben", "eve", "hangbot"]


def test_a_group_gives_its_members_ids() -> None:
    groups = [{"id": "S0614TZR7", "handle": "pay", "users": ["ana", "U0BEN0000"]}]
    with running_sandbox({"usergroups": groups}) as sandbox:
        assert sandbox.api("usergroups.users.list", usergroup="S0614TZR7")["users"] == [
            "U0ANA0000",
            "U0BEN0000",
        ]
        assert sandbox.api("usergroups.list")["usergroups"][0]["handle"] == "pay"
        assert sandbox.api("usergroups.users.list", usergroup="S0")["error"] == "no_such_subteam"


def test_a_file_goes_up_in_three_steps_and_is_shared_in_a_thread(
    sandbox: Sandbox, room: str, tmp_path: Path
) -> None:
    client = WebClient(token="xoxb-sandbox", base_url=sandbox.api_url)
    root = client.chat_postMessage(channel=room, text="root")["ts"]
    client.files_upload_v2(
        channel=room,
        thread_ts=root,
        filename="stacks.txt",
        content="File cart.py, line 42\n",
        title="Stacks",
        initial_comment="here",
    )
    reply = sandbox.messages(room)[0]["replies"][0]
    file = reply["files"][0]
    assert (reply["text"], file["title"], file["size"]) == ("here", "Stacks", 22)
    assert [row["id"] for row in sandbox.state()["files"]] == [file["id"]]
    with urllib.request.urlopen(file["url_private"], timeout=20) as answer:
        assert answer.read() == b"File cart.py, line 42\n"
        assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_file_of_nothing_and_one_of_another_length_are_refused(sandbox: Sandbox) -> None:
    assert sandbox.api("files.getUploadURLExternal", filename="a", length=0)["error"] == "invalid_arguments"
    announced = sandbox.api("files.getUploadURLExternal", filename="a", length=5)
    request = urllib.request.Request(
        announced["upload_url"], b"xy", {"Content-Type": "application/octet-stream"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    refused.value.close()
    assert (
        sandbox.api("files.completeUploadExternal", files=[{"id": announced["file_id"]}])["error"]
        == "file_not_found"
    )


def consume(calls: Iterator[object]) -> None:
    for _ in calls:
        pass


def test_too_many_messages_get_429_and_coming_early_is_listed(own_sandbox: Sandbox) -> None:
    client = WebClient(token="xoxb-sandbox", base_url=own_sandbox.api_url)
    for number in range(5):
        client.chat_postMessage(channel="#ops", text=str(number))
    with pytest.raises(SlackApiError) as refused:
        consume(client.chat_postMessage(channel="#ops", text=str(number)) for number in range(50))
    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) >= 1
    assert own_sandbox.violations() == []
    own_sandbox.fault("rate_limit", method="chat.update", seconds=30, count=1)
    assert own_sandbox.api("chat.update", channel="C0OPS0000", ts="1", text="x")["error"] == "ratelimited"
    own_sandbox.wait_for(
        lambda _: (
            own_sandbox.api("chat.update", channel="C0OPS0000", ts="1", text="x") and own_sandbox.violations()
        )
    )
    assert {(row["method"], row["error"]) for row in own_sandbox.violations()} == {
        ("chat.update", "ratelimited")
    }


def test_a_home_view_is_published_for_one_user(sandbox: Sandbox) -> None:
    view = {"type": "home", "blocks": [SECTION]}
    first = sandbox.api("views.publish", user_id="U0ANA0000", view=view)["view"]
    assert sandbox.state()["home"]["U0ANA0000"]["id"] == first["id"]
    assert (
        sandbox.api("views.publish", user_id="U0ANA0000", view=view, hash="old")["error"] == "hash_conflict"
    )
    assert sandbox.api("views.publish", user_id="U0ANA0000", view=view, hash=first["hash"])["ok"]


def test_a_made_up_trigger_opens_nothing(sandbox: Sandbox) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [SECTION]}
    assert sandbox.api("views.open", trigger_id="1.2.3", view=view)["error"] == "invalid_trigger_id"
    assert (
        sandbox.api("views.open", trigger_id="1.2.3", view={**view, "blocks": [{"type": "x"}]})["error"]
        == "invalid_arguments"
    )


def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    request = urllib.request.Request(
        sandbox.url + "api/auth.test", b"{", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["error"] == "invalid_json"


def test_half_a_surrogate_pair_does_not_spoil_the_state(sandbox: Sandbox, room: str) -> None:
    ts = sandbox.api("chat.postMessage", channel=room, text="x\ud800y")["ts"]
    sandbox.say("ana", "a\udfffb")
    assert [(message["ts"], message["text"]) for message in sandbox.messages(room)] == [(ts, "x\ufffdy")]
    assert sandbox.messages("ops")[-1]["text"] == "a\ufffdb"


def test_a_choice_that_was_not_offered_cannot_be_picked(sandbox: Sandbox) -> None:
    options = [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}]
    menu = {"type": "static_select", "action_id": "m", "options": options}
    ts = sandbox.api(
        "chat.postMessage", channel="#ops", text="x", blocks=[{"type": "actions", "elements": [menu]}]
    )["ts"]
    for value in ("2", 1, {"selected_option": {"value": "2"}}, {"selected_option": 5}):
        assert sandbox.press("ana", ts, "m", value=value)["error"].startswith("no option ")


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("conversations.history", {"oldest": "NaN"}, "invalid_ts_oldest"),
        ("conversations.history", {"cursor": "bmV4dF90czpOYU4="}, "invalid_cursor"),
        ("views.publish", {"view": {"type": "home", "blocks": [{"type": "header", "text": {"type": []}}]}}, "invalid_arguments"),
    ],
)  # fmt: skip
def test_a_strange_argument_gets_an_error_of_slack(
    sandbox: Sandbox, room: str, method: str, arguments: dict[str, Any], error: str
) -> None:
    assert sandbox.api(method, channel=room, **arguments)["error"] == error
