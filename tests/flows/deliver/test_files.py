"""A message and its file: each stands there once, or the thread says that the file does not."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.messages import Attachment, Message, Notification, Operation, Paragraph, say
from bot.flows.deliver import LEASE_S, TRIES_OF_A_FILE
from tests.flows.deliver.stage import Stage
from tests.flows.deliver.test_crash_points import KilledError, kill_at, reopened

FILE = Attachment(
    name="INC-1-review.ics", content="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", again="/hang review file INC-1"
)


def put(out: Stage, operation: Operation = Operation.POST) -> None:
    message = Message(text="invited", sections=(Paragraph(line=say("invited")),), attachment=FILE)
    row = Notification(
        id=f"out_{out.channel}_invited",
        subject="review:rev_1",
        operation=operation,
        message=message,
        created_at=out.clock.now(),
        channel=out.channel if operation is Operation.POST else "",
    )
    out.store.commit(notifications=[row])


def files(out: Stage) -> list[dict[str, Any]]:
    replies = [reply for one in out.messages() for reply in one["replies"]]
    return [file for one in (*out.messages(), *replies) for file in one.get("files", ())]


def texts(out: Stage) -> list[tuple[str, list[str]]]:
    """Return each message with its replies, those that brought a file left out."""
    return [
        (one["text"], [reply["text"] for reply in one["replies"] if not reply.get("files")])
        for one in out.messages()
    ]


def drained(out: Stage) -> None:
    out.deliver()
    out.drain(steps=30)


def test_a_file_comes_into_the_thread_of_its_message_as_it_was_written(out: Stage) -> None:
    put(out)
    drained(out)
    assert texts(out) == [("invited", [])]
    (file,) = files(out)
    assert file["name"] == FILE.name
    assert file["size"] == len(FILE.content.encode())


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("kind", ["error_500", "drop", "html"])
def test_an_upload_that_fails_is_tried_again_and_its_message_is_not(
    out: Stage, method: str, kind: str
) -> None:
    out.sandbox.fault(kind, method=method, count=2)
    put(out)
    drained(out)
    assert texts(out) == [("invited", [])]
    assert len(files(out)) == 1


def test_an_upload_whose_answer_was_lost_is_not_done_twice(out: Stage) -> None:
    out.sandbox.fault("store_then_drop", method="files.completeUploadExternal", count=1)
    put(out)
    drained(out)
    assert texts(out) == [("invited", [])]
    assert len(files(out)) == 1


def test_a_file_that_cannot_be_had_up_is_told_of_with_how_to_get_it(out: Stage) -> None:
    out.sandbox.fault("error_500", method="files.getUploadURLExternal", count=TRIES_OF_A_FILE + 5)
    put(out)
    out.put("later", Operation.REPLY, subject="review:rev_1")
    drained(out)
    ((text, replies),) = texts(out)
    assert text == "invited"
    told = "The file INC-1-review.ics could not be uploaded (http_500). To get it: /hang review file INC-1."
    assert sorted(replies) == [told, "later"]
    assert files(out) == []


def test_a_workspace_that_allows_no_files_is_told_so_at_once_and_all_else_goes_on(out: Stage) -> None:
    out.sandbox.fault("invalid_auth", method="files.getUploadURLExternal", count=1)
    put(out)
    assert out.deliver() == 2  # the message, and that its file is lost
    ((text, replies),) = texts(out)
    assert (text, len(replies)) == ("invited", 1)
    assert "could not be uploaded (invalid_auth)" in replies[0]


@pytest.mark.parametrize("point", ["claimed", "sending", "attaching", "said", "settled"])
@pytest.mark.parametrize("operation", [Operation.POST, Operation.REPLY])
def test_a_kill_at_any_point_leaves_one_message_and_one_file(
    out: Stage, tmp_path: Path, point: str, operation: Operation
) -> None:
    if operation is Operation.REPLY:
        out.put("root", subject="review:rev_1")
        out.deliver()
    put(out, operation)
    with pytest.raises(KilledError):
        out.deliver(crash=kill_at(point))  # type: ignore[arg-type]
    reopened(out, tmp_path)
    out.later(LEASE_S + 1)
    drained(out)
    wanted = [("invited", [])] if operation is Operation.POST else [("root", ["invited"])]
    assert texts(out) == wanted
    assert len(files(out)) == 1
    out.store.close()
