"""Modals and Home tabs: https://docs.slack.dev/reference/methods#views."""

from bot.sandbox import modals
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError


def open_modal(call: Call) -> Json:
    """Open a modal for who caused the trigger."""
    view = modals.checked(call.args.json("view"), kind="modal")
    trigger = call.box.triggers.exchange(_trigger_id(call), now=call.now)
    made = call.box.modals.open(trigger.user, view, now=call.now)
    call.box.changes.bump()
    return {"ok": True, "view": made}


def push(call: Call) -> Json:
    """Lay a modal on the one that the trigger came from."""
    view = modals.checked(call.args.json("view"), kind="modal")
    trigger = call.box.triggers.exchange(_trigger_id(call), now=call.now)
    made = call.box.modals.push(trigger.user, view, now=call.now)
    call.box.changes.bump()
    return {"ok": True, "view": made}


def update(call: Call) -> Json:
    """Replace the content of an open modal."""
    view = modals.checked(call.args.json("view"), kind="modal")
    view_id = call.args.text("view_id") or call.args.needed("external_id")
    made = call.box.modals.update(view_id, view, expected=call.args.text("hash"), now=call.now)
    call.box.changes.bump()
    return {"ok": True, "view": made}


def publish(call: Call) -> Json:
    """Set the Home tab of one user."""
    view = modals.checked(call.args.json("view"), kind="home")
    user = call.args.needed("user_id")
    if user not in call.box.workspace.people:
        raise SlackError("user_not_found")
    made = call.box.modals.publish(user, view, expected=call.args.text("hash"), now=call.now)
    call.box.changes.bump()
    return {"ok": True, "view": made}


def _trigger_id(call: Call) -> str:
    return call.args.text("trigger_id") or call.args.needed("interactivity_pointer", "invalid_trigger_id")
