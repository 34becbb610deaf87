"""Views: each person's stack of open modals, and the Home tabs. Time is an argument, in seconds."""

import secrets
from dataclasses import dataclass, field

from bot.sandbox import blocks, limits, settings
from bot.sandbox.errors import Flaw, Json, SlackError

STACK = 3


@dataclass(kw_only=True)
class Modals:
    """Open modals by user, the lowest first; Home views by user; `picked` holds what was entered, by view id."""

    stacks: dict[str, list[Json]] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    picked: dict[str, Json] = field(default_factory=dict)

    def open(self, user: str, view: Json, *, now: float) -> Json:
        """Put a first modal before this person; what was open before goes away."""
        self._check_external(view, None)
        made = _made(view, now=now)
        self.stacks[user] = [made]
        return made

    def push(self, user: str, view: Json, *, now: float) -> Json:
        """Lay a modal on the open one. Raises SlackError push_limit_reached."""
        stack = self.stacks.get(user) or []
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        self._check_external(view, None)
        made = _made(view, now=now)
        made["root_view_id"] = stack[0]["id"]
        made["previous_view_id"] = stack[-1]["id"]
        stack.append(made)
        return made

    def update(self, view_id: str, view: Json, *, expected: str = "", now: float) -> Json:
        """Replace an open modal's content. Raises SlackError not_found, hash_conflict."""
        _, old = self.find(view_id)
        if expected and expected != old["hash"]:
            raise SlackError("hash_conflict")
        self._check_external(view, view_id)
        kept = {key: old[key] for key in ("id", "root_view_id", "previous_view_id")}
        made = {**_made(view, now=now), **kept}
        old.clear()
        old.update(made)
        return old

    def publish(self, user: str, view: Json, *, expected: str = "", now: float) -> Json:
        """Set a person's Home tab. Raises SlackError hash_conflict."""
        old = self.homes.get(user)
        if expected and old and expected != old["hash"]:
            raise SlackError("hash_conflict")
        made = _made(view, now=now)
        if old:
            made["id"] = made["root_view_id"] = old["id"]
        self.homes[user] = made
        return made

    def find(self, view_id: str) -> tuple[str, Json]:
        """Give (user, view) of an open modal by id or external_id. Raises SlackError not_found."""
        for user, stack in self.stacks.items():
            for view in stack:
                if view_id and view_id in (view["id"], view["external_id"]):
                    return user, view
        raise SlackError("not_found")

    def close(self, view_id: str) -> None:
        """Take one modal away; the one beneath shows again."""
        for user, stack in list(self.stacks.items()):
            self.stacks[user] = [view for view in stack if view["id"] != view_id]
        self.picked.pop(view_id, None)

    def clear(self, user: str) -> None:
        """Take all modals of this person away."""
        for view in self.stacks.pop(user, []):
            self.picked.pop(view["id"], None)

    def _check_external(self, view: Json, own: str | None) -> None:
        external = view.get("external_id")
        taken = any(
            external == other["external_id"] and other["id"] != own
            for stack in self.stacks.values()
            for other in stack
        )
        if external and taken:
            raise SlackError("duplicate_external_id")


def checked(view: object, *, kind: str) -> Json:
    """Give the view if Slack would take it. Raises SlackError invalid_arguments, view_too_large."""
    flaws = blocks.check_view(view)
    if isinstance(view, dict) and not flaws and view.get("type") != kind:
        flaws = [Flaw(pointer="/view/type", problem=f"must be {kind}")]
    if flaws or not isinstance(view, dict):
        raise SlackError("invalid_arguments", flaws=flaws)
    if len(repr(view)) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    return view


def _made(view: Json, *, now: float) -> Json:
    view_id = "V0" + secrets.token_hex(5).upper()
    made: Json = {
        "id": view_id, "team_id": settings.TEAM_ID, "app_id": settings.APP_ID, "app_installed_team_id": settings.TEAM_ID,
        "bot_id": settings.BOT_ID, "type": view["type"], "callback_id": view.get("callback_id") or "",
        "private_metadata": view.get("private_metadata") or "", "external_id": view.get("external_id") or "",
        "title": view.get("title"), "submit": view.get("submit"), "close": view.get("close"),
        "clear_on_close": bool(view.get("clear_on_close")), "notify_on_close": bool(view.get("notify_on_close")),
        "submit_disabled": False, "blocks": with_ids(view["blocks"]), "state": {"values": {}},
        "hash": f"{int(now)}.{secrets.token_hex(4)}", "root_view_id": view_id, "previous_view_id": None,
    }  # fmt: skip
    return made


def with_ids(given: list[Json]) -> list[Json]:
    """Give the blocks with the ids that Slack makes up where the app gave none."""
    result = []
    for original in given:
        block = {**original, "block_id": original.get("block_id") or secrets.token_urlsafe(4)}
        if block.get("type") == "actions":
            block["elements"] = [_with_action_id(element) for element in block["elements"]]
        for place in ("accessory", "element"):
            if isinstance(block.get(place), dict):
                block[place] = _with_action_id(block[place])
        result.append(block)
    return result


def _with_action_id(element: Json) -> Json:
    if element.get("type") == "image" or element.get("action_id"):
        return element
    return {**element, "action_id": secrets.token_urlsafe(4)}
