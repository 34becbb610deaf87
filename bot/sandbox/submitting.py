"""A person submits or closes a modal, and what the app's answer does to it.

https://docs.slack.dev/surfaces/modals#handling_submissions
"""

from typing import Any

from bot.sandbox import blocks as rules
from bot.sandbox import modals, payloads, picks
from bot.sandbox.box import Box
from bot.sandbox.errors import Flaw, Json, SlackError
from bot.sandbox.people import ActError, deliver
from bot.sandbox.settings import Person
from bot.sandbox.web_api import note

ACK = "ack of view_submission"


async def submit(box: Box, *, user: str, view_id: str, values: Any) -> Json:
    """Submit with `state.values` (or plain values in its place), once the app has acknowledged. Raises ActError."""
    person = box.workspace.person(user)
    view = _own(box, person, view_id)
    state = filled(view, values, picked=box.modals.picked.get(view["id"], {}))
    view["state"] = {"values": state}
    trigger_id = box.triggers.issue(person.id, now=box.now(), view=view["id"])
    payload = payloads.view_submission(person, dict(view), trigger_id=trigger_id)
    answer = await deliver(
        box, "interactive", payload, accepts_payload=True, to=(person, None), what="The form"
    )
    try:
        _follow(box, person, view, answer)
    except SlackError as error:
        note(box, ACK, error)
        raise ActError("We had some trouble connecting. Try again?", {"cause": error.error}) from error
    return {"ok": True}


async def close(box: Box, *, user: str, view_id: str) -> Json:
    """Close a modal; the app hears of it where it asked with notify_on_close."""
    person = box.workspace.person(user)
    view = _own(box, person, view_id)
    if view["clear_on_close"]:
        box.modals.clear(person.id)
    else:
        box.modals.close(view["id"])
    box.changes.bump()
    if view["notify_on_close"]:
        payload = payloads.view_closed(person, view)
        await deliver(box, "interactive", payload, accepts_payload=False, to=(person, None), what="The form")
    return {"ok": True}


def filled(view: Json, values: Any, *, picked: Json) -> Json:
    """Give the modal's state with these values in it. Raises ActError for what a person could not do."""
    state = picks.initial(view["blocks"])
    elements = {
        (block["block_id"], element["action_id"]): element
        for block, element in rules.interactive(view["blocks"])
    }
    for source in (picked, values or {}):
        if not isinstance(source, dict):
            raise ActError("`values` must be Slack's state.values: {block_id: {action_id: entry}}")
        for block_id, entries in source.items():
            for action_id, value in (entries if isinstance(entries, dict) else {}).items():
                element = elements.get((block_id, action_id))
                if element is None:
                    raise ActError(
                        f"no input {block_id}/{action_id} in this modal; there are {_names(elements)}"
                    )
                state.setdefault(block_id, {})[action_id] = picks.entered(element, value)
    for block in view["blocks"]:
        if block["type"] == "input":
            _refuse_bad_entry(block, state)
    return state


def _refuse_bad_entry(block: Json, state: Json) -> None:
    element = block["element"]
    place = picks.PLACES[element["type"]]
    value = state[block["block_id"]][element["action_id"]].get(place.field)
    if not value and not block.get("optional"):
        raise ActError(f"{block['block_id']}: Please complete this required field.")
    if element["type"] != "plain_text_input" or not isinstance(value, str):
        return
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if value and not least <= len(value) <= most:
        raise ActError(f"{block['block_id']}: between {least} and {most} characters are needed")


def _own(box: Box, person: Person, view_id: str) -> Json:
    try:
        owner, view = box.modals.find(view_id)
    except SlackError as error:
        raise ActError(f"not_found: no open modal {view_id}") from error
    if owner != person.id:
        raise ActError(f"not_found: that modal is not {person.name}'s")
    return view


def _follow(box: Box, person: Person, view: Json, answer: Json) -> None:
    match answer.get("response_action"):
        case None:
            box.modals.close(view["id"])
        case "clear":
            box.modals.clear(person.id)
        case "errors":
            _show_errors(view, answer.get("errors"))
        case "update":
            box.modals.update(view["id"], modals.checked(answer.get("view"), kind="modal"), now=box.now())
        case "push":
            box.modals.push(person.id, modals.checked(answer.get("view"), kind="modal"), now=box.now())
        case unknown:
            flaw = Flaw(pointer="/response_action", problem=f"unknown action: {unknown}")
            raise SlackError("invalid_arguments", flaws=[flaw])
    box.changes.bump()


def _show_errors(view: Json, errors: Any) -> None:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("invalid_arguments", flaws=[Flaw(pointer="/errors", problem="must be an object")])
    for block_id in errors:
        if block_id not in inputs:
            raise SlackError(
                "invalid_arguments",
                flaws=[Flaw(pointer=f"/errors/{block_id}", problem="no such input block")],
            )
    lines = "; ".join(f"{block_id}: {text}" for block_id, text in errors.items())
    raise ActError(lines, {"errors": errors})


def _names(elements: dict[tuple[str, str], Json]) -> str:
    return ", ".join(f"{block_id}/{action_id}" for block_id, action_id in elements) or "none"
