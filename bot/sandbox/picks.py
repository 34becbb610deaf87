"""What a person enters into an element, as Slack writes it into `state.values` and `actions`."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox import blocks as rules
from bot.sandbox.errors import Json


class PickError(Exception):
    """A person could not do that; says why."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an element keeps its value; `options`: an option object (or several, with `many`)."""

    field: str
    initial: str
    options: bool = False
    many: bool = False


WRITTEN = Place(field="value", initial="initial_value")
PLACES: dict[str, Place] = {
    "plain_text_input": WRITTEN,
    "number_input": WRITTEN,
    "email_text_input": WRITTEN,
    "url_text_input": WRITTEN,
    "rich_text_input": Place(field="rich_text_value", initial="initial_value"),
    "static_select": Place(field="selected_option", initial="initial_option", options=True),
    "external_select": Place(field="selected_option", initial="initial_option", options=True),
    "radio_buttons": Place(field="selected_option", initial="initial_option", options=True),
    "overflow": Place(field="selected_option", initial="", options=True),
    "checkboxes": Place(field="selected_options", initial="initial_options", options=True, many=True),
    "multi_static_select": Place(
        field="selected_options", initial="initial_options", options=True, many=True
    ),
    "multi_external_select": Place(
        field="selected_options", initial="initial_options", options=True, many=True
    ),
    "users_select": Place(field="selected_user", initial="initial_user"),
    "multi_users_select": Place(field="selected_users", initial="initial_users", many=True),
    "conversations_select": Place(field="selected_conversation", initial="initial_conversation"),
    "multi_conversations_select": Place(
        field="selected_conversations", initial="initial_conversations", many=True
    ),
    "channels_select": Place(field="selected_channel", initial="initial_channel"),
    "multi_channels_select": Place(field="selected_channels", initial="initial_channels", many=True),
    "datepicker": Place(field="selected_date", initial="initial_date"),
    "timepicker": Place(field="selected_time", initial="initial_time"),
    "datetimepicker": Place(field="selected_date_time", initial="initial_date_time"),
    "file_input": Place(field="files", initial="", many=True),
}


def entered(element: Json, value: Any) -> Json:
    """Give the state entry for what was entered: an option's value or text, a string, or Slack's own entry.

    Raises PickError when there is no such option.
    """
    sort = str(element.get("type"))
    place = PLACES[sort]
    if isinstance(value, dict) and place.field in value:
        value = value[place.field]
    if value is None:
        return {"type": sort, place.field: [] if place.many else None}
    if not place.options:
        return {"type": sort, place.field: _listed(value) if place.many else value}
    if place.many:
        return {"type": sort, place.field: [option(element, one) for one in _listed(value)]}
    return {"type": sort, place.field: option(element, value)}


def option(element: Json, value: Any) -> Json:
    """Find an option by its value, else by the text that a person sees, in any case and spacing. Raises PickError."""
    wanted = value.get("value") if isinstance(value, dict) else value
    grouped = [choice for group in element.get("option_groups") or [] for choice in group["options"]]
    choices: list[Json] = [*(element.get("options") or []), *grouped]
    if not choices and "external" in str(element.get("type")):
        return {"text": {"type": "plain_text", "text": str(wanted)}, "value": str(wanted)}
    for choice in choices:
        if choice["value"] == wanted:
            return choice
    for choice in choices:
        if _loosely(choice["text"]["text"]) == _loosely(wanted):
            return choice
    raise PickError(
        f"no option {wanted!r}; there are {', '.join(repr(choice['value']) for choice in choices)}"
    )


def _loosely(text: Any) -> str:
    return "".join(str(text).split()).casefold()


def action(block: Json, element: Json, value: Any, *, ts: str) -> Json:
    """Give the `actions` entry of a press. Raises PickError."""
    sort = str(element["type"])
    common: Json = {
        "action_id": element["action_id"], "block_id": block["block_id"], "type": sort, "action_ts": ts,
    }  # fmt: skip
    if sort in {"button", "workflow_button"}:
        return {**common, **_copied(element, "text", "value", "style", "confirm", "url")}
    if sort not in PLACES:
        raise PickError(f"a {sort} cannot be pressed")
    if value is None:
        offered = [choice["value"] for choice in element.get("options") or []]
        raise PickError(
            f"`value` is needed to pick from {element['action_id']}: {', '.join(offered) or 'any'}"
        )
    return {**common, **_copied(element, "placeholder", "confirm"), **entered(element, value)}


def _copied(element: Json, *names: str) -> Json:
    return {name: element[name] for name in names if name in element}


def initial(blocks: list[Json]) -> Json:
    """Give `state.values` as it is before anybody entered a thing."""
    state: Json = {}
    for block, element in rules.interactive(blocks):
        place = PLACES.get(str(element["type"]))
        if place is None or element["type"] == "overflow":
            continue
        value = element.get(place.initial) if place.initial else None
        entry = {
            "type": element["type"],
            place.field: value if value is not None else ([] if place.many else None),
        }
        state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
