"""Messages, threads and their bookkeeping."""

import pytest

from bot.sandbox import settings
from bot.sandbox.errors import SlackError
from bot.sandbox.settings import SetupError
from bot.sandbox.workspace import MESSAGES_KEPT, Channel, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(settings.read({}), now=1_795_500_000)


@pytest.fixture
def ops(workspace: Workspace) -> Channel:
    return workspace.channel_called("#ops")


def say(workspace: Workspace, channel: Channel, user: str = "U1", thread_ts: str | None = None) -> str:
    ts = workspace.next_ts(now=1_795_500_000)
    workspace.post(channel, {"type": "message", "user": user, "text": "x", "ts": ts}, thread_ts=thread_ts)
    return ts


def test_two_messages_of_the_same_moment_have_different_growing_times(workspace: Workspace) -> None:
    stamps = [workspace.next_ts(now=now) for now in (1_795_500_000.5, 1_795_500_000.5, 1_795_500_000.1)]
    assert stamps == ["1795500000.500000", "1795500000.500001", "1795500000.500002"]


def test_a_parent_counts_its_replies(workspace: Workspace, ops: Channel) -> None:
    root = say(workspace, ops)
    say(workspace, ops, "U2", root)
    last = say(workspace, ops, "U3", root)
    parent = ops.messages[root]
    assert (parent["reply_count"], parent["reply_users"], parent["latest_reply"]) == (2, ["U2", "U3"], last)
    assert last not in ops.messages


def test_a_reply_to_a_reply_joins_the_same_thread(workspace: Workspace, ops: Channel) -> None:
    root = say(workspace, ops)
    first = say(workspace, ops, thread_ts=root)
    second = say(workspace, ops, thread_ts=first)
    assert [reply["ts"] for reply in ops.replies[root]] == [first, second]


def test_a_reply_needs_a_thread(workspace: Workspace, ops: Channel) -> None:
    with pytest.raises(SlackError, match="thread_not_found"):
        say(workspace, ops, thread_ts="1795500000.000001")


def test_a_deleted_parent_leaves_a_tombstone_and_a_deleted_reply_is_not_counted(
    workspace: Workspace, ops: Channel
) -> None:
    root = say(workspace, ops)
    reply = say(workspace, ops, thread_ts=root)
    other = say(workspace, ops, thread_ts=root)
    workspace.remove(ops, reply)
    assert ops.messages[root]["reply_count"] == 1
    workspace.remove(ops, root)
    assert ops.messages[root]["subtype"] == "tombstone"
    workspace.remove(ops, other)
    assert "reply_count" not in ops.messages[root]


def test_a_channel_forgets_its_oldest_messages(workspace: Workspace, ops: Channel) -> None:
    first = say(workspace, ops)
    say(workspace, ops, thread_ts=first)
    for _ in range(MESSAGES_KEPT):
        say(workspace, ops)
    assert len(ops.messages) == MESSAGES_KEPT
    assert first not in ops.messages
    assert first not in ops.replies


def test_a_person_is_found_by_name_and_by_id(workspace: Workspace) -> None:
    assert workspace.person("ana") == workspace.person("@ana") == workspace.person(workspace.person("ana").id)
    with pytest.raises(SlackError, match="user_not_found"):
        workspace.person("zoe")


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"chanels": []}, "chanels"),
        ({"channels": [{"members": []}]}, "name"),
        ({"channels": [{"name": "ops", "members": ["zoe"]}]}, "zoe"),
        ({"users": [{"id": "U1"}]}, "name"),
        ({"users": [{"name": "ana", "tz": "Europe/Berln"}]}, "Europe/Berln"),
    ],
)
def test_a_setup_that_cannot_be_meant_is_refused(document: dict[str, object], word: str) -> None:
    with pytest.raises(SetupError, match=word):
        settings.read(document)
