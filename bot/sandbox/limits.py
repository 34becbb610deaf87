"""Slack's limits on blocks, elements and views, as tables.

Source: https://docs.slack.dev/reference/block-kit (blocks, block-elements, composition-objects), the comments of
@slack/types 3.2, https://docs.slack.dev/reference/methods/views.open.
"""

from bot.sandbox.shapes import Bool, Either, Kind, Many, Nullable, Num, Obj, Shape, Str, Text, Typed, Whatever

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
MARKDOWN_TOTAL = 12_000
TEXT_CUT = 40_000
UPDATE_TEXT = 4_000
ATTACHMENTS = 100
METADATA_BYTES = 16_384

ID = Str(max=255)
URL = Str(max=3000, pattern=r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
WEB_URL = Str(max=3000, pattern=r"https?://\S+")
DATE = Str(pattern=r"\d{4}-\d\d-\d\d")
TIME = Str(pattern=r"([01]\d|2[0-3]):[0-5]\d")
CONFIRM = Obj(shape="confirm")
OPTION = Obj(shape="option")
CHOICE = Obj(shape="choice")
OPTIONS = Many(of=OPTION, min=1, max=100)
GROUPS = Many(of=Obj(shape="option_group"), min=1, max=100)
IDS = Many(of=Str())
PLACEHOLDER = Text(max=150)
CHOICES = Many(of=CHOICE, min=1, max=10)


def _element(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), **fields: Kind) -> Shape:
    common: dict[str, Kind] = {"type": Str(), "action_id": ID}
    return Shape(fields={**common, **fields}, required=required, one_of=one_of)


def _menu(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), **fields: Kind) -> Shape:
    common: dict[str, Kind] = {"placeholder": PLACEHOLDER, "confirm": CONFIRM, "focus_on_load": Bool()}
    return _element(required, one_of, **common, **fields)


def _menus(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), **fields: Kind) -> Shape:
    return _menu(required, one_of, max_selected_items=Num(min=1), **fields)


def _written(required: tuple[str, ...] = (), **fields: Kind) -> Shape:
    common: dict[str, Kind] = {
        "placeholder": PLACEHOLDER,
        "initial_value": Str(min=0, max=3000),
        "dispatch_action_config": Obj(shape="dispatch_action_config"),
        "focus_on_load": Bool(),
    }
    return _element(required, (), **common, **fields)


ELEMENTS: dict[str, Shape] = {
    "button": _element(
        ("text",),
        text=Text(max=75), url=URL, value=Str(min=0, max=2000), confirm=CONFIRM, accessibility_label=Str(max=75),
        style=Str(choices=frozenset({"primary", "danger"})),
    ),
    "overflow": _element(("options",), options=Many(of=Obj(shape="link_option"), min=1, max=5), confirm=CONFIRM),
    "static_select": _menu(one_of=("options", "option_groups"), options=OPTIONS, option_groups=GROUPS, initial_option=OPTION),
    "multi_static_select": _menus(
        one_of=("options", "option_groups"), options=OPTIONS, option_groups=GROUPS, initial_options=Many(of=OPTION, min=1)
    ),
    "external_select": _menu(min_query_length=Num(min=0), initial_option=OPTION),
    "multi_external_select": _menus(min_query_length=Num(min=0), initial_options=Many(of=OPTION, min=1)),
    "users_select": _menu(initial_user=Str()),
    "multi_users_select": _menus(initial_users=IDS),
    "conversations_select": _menu(
        initial_conversation=Str(), default_to_current_conversation=Bool(), response_url_enabled=Bool(), filter=Obj(shape="filter")
    ),
    "multi_conversations_select": _menus(
        initial_conversations=IDS, default_to_current_conversation=Bool(), filter=Obj(shape="filter")
    ),
    "channels_select": _menu(initial_channel=Str(), response_url_enabled=Bool()),
    "multi_channels_select": _menus(initial_channels=IDS),
    "datepicker": _menu(initial_date=DATE),
    "timepicker": _menu(initial_time=TIME, timezone=Str()),
    "datetimepicker": _element(initial_date_time=Num(min=0), confirm=CONFIRM, focus_on_load=Bool()),
    "checkboxes": _element(
        ("options",), options=CHOICES, initial_options=CHOICES, confirm=CONFIRM, focus_on_load=Bool()
    ),
    "radio_buttons": _element(("options",), options=CHOICES, initial_option=CHOICE, confirm=CONFIRM, focus_on_load=Bool()),
    "plain_text_input": _written(
        multiline=Bool(), min_length=Num(min=0, max=3000), max_length=Num(min=1, max=3000)
    ),
    "number_input": _written(("is_decimal_allowed",), is_decimal_allowed=Bool(), min_value=Str(), max_value=Str()),
    "email_text_input": _written(),
    "url_text_input": _written(),
    "rich_text_input": _element(
        ("action_id",),
        placeholder=PLACEHOLDER, initial_value=Typed(names=frozenset({"rich_text"})), focus_on_load=Bool(),
        dispatch_action_config=Obj(shape="dispatch_action_config"),
    ),
    "file_input": _element(filetypes=Many(of=Str(), min=1), max_files=Num(min=1, max=10)),
    "image": Shape(
        fields={"type": Str(), "image_url": WEB_URL, "alt_text": Str(max=2000), "slack_file": Obj(shape="slack_file")},
        required=("alt_text",), one_of=("image_url", "slack_file"),
    ),
    "workflow_button": _element(
        ("text", "workflow"),
        text=Text(max=75), workflow=Whatever(), style=Str(choices=frozenset({"primary", "danger"})),
        accessibility_label=Str(max=75),
    ),
    "feedback_buttons": Shape(fields={"type": Str(), "action_id": ID}, open=True),
    "icon_button": Shape(fields={"type": Str(), "action_id": ID}, open=True),
}  # fmt: skip

SELECTS = frozenset({
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
})  # fmt: skip
MULTI = frozenset(f"multi_{name}" for name in SELECTS)
PICKS = SELECTS | MULTI | {"datepicker", "timepicker", "checkboxes", "radio_buttons"}
IN_ACTIONS = Typed(
    names=PICKS | {"button", "overflow", "datetimepicker", "workflow_button", "rich_text_input"}
)
IN_SECTION = Typed(names=PICKS | {"button", "overflow", "image", "workflow_button"})
IN_INPUT = Typed(
    names=PICKS
    | {
        "plain_text_input",
        "number_input",
        "email_text_input",
        "url_text_input",
        "rich_text_input",
        "file_input",
        "datetimepicker",
    }
)
IN_CONTEXT = Either(text=Text(max=3000, plain=False), typed=Typed(names=frozenset({"image"})))

OBJECTS: dict[str, Shape] = {
    "confirm": Shape(
        fields={
            "title": Text(max=100), "text": Text(max=300, plain=False), "confirm": Text(max=30), "deny": Text(max=30),
            "style": Str(choices=frozenset({"primary", "danger"})),
        },
        required=("title", "text", "confirm", "deny"),
    ),
    "option": Shape(
        fields={"text": Text(max=75), "value": Str(max=150), "description": Text(max=75)}, required=("text", "value")
    ),
    "choice": Shape(
        fields={"text": Text(max=75, plain=False), "value": Str(max=150), "description": Text(max=75, plain=False)},
        required=("text", "value"),
    ),
    "link_option": Shape(
        fields={"text": Text(max=75), "value": Str(max=150), "description": Text(max=75), "url": URL},
        required=("text", "value"),
    ),
    "option_group": Shape(fields={"label": Text(max=75), "options": OPTIONS}, required=("label", "options")),
    "filter": Shape(
        fields={
            "include": Many(of=Str(choices=frozenset({"im", "mpim", "private", "public"})), min=1),
            "exclude_external_shared_channels": Bool(), "exclude_bot_users": Bool(),
        },
    ),
    "dispatch_action_config": Shape(
        fields={
            "trigger_actions_on": Many(of=Str(choices=frozenset({"on_enter_pressed", "on_character_entered"})), min=1),
        },
    ),
    "slack_file": Shape(fields={"id": Str(), "url": URL}, one_of=("id", "url")),
    "text_style": Shape(
        fields=dict.fromkeys(
            ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), Bool()
        ),
    ),
    "column_setting": Shape(
        fields={"align": Str(choices=frozenset({"left", "center", "right"})), "is_wrapped": Bool()},
    ),
}  # fmt: skip

STYLE = Obj(shape="text_style")
TYPE: dict[str, Kind] = {"type": Str()}
INLINE: dict[str, Shape] = {
    "text": Shape(fields={**TYPE, "text": Str(), "style": STYLE}, required=("text",)),
    "link": Shape(
        fields={**TYPE, "url": Str(max=3000), "text": Str(min=0), "unsafe": Bool(), "style": STYLE},
        required=("url",),
    ),
    "user": Shape(fields={**TYPE, "user_id": Str(), "style": STYLE}, required=("user_id",)),
    "usergroup": Shape(fields={**TYPE, "usergroup_id": Str(), "style": STYLE}, required=("usergroup_id",)),
    "channel": Shape(fields={**TYPE, "channel_id": Str(), "style": STYLE}, required=("channel_id",)),
    "emoji": Shape(
        fields={
            **TYPE,
            "name": Str(),
            "unicode": Str(),
            "skin_tone": Num(min=1, max=6),
            "url": URL,
            "style": STYLE,
        },
        required=("name",),
    ),
    "broadcast": Shape(
        fields={**TYPE, "range": Str(choices=frozenset({"here", "channel", "everyone"})), "style": STYLE},
        required=("range",),
    ),
    "date": Shape(
        fields={**TYPE, "timestamp": Num(), "format": Str(), "url": URL, "fallback": Str(), "style": STYLE},
        required=("timestamp", "format"),
    ),
    "color": Shape(fields={**TYPE, "value": Str(), "style": STYLE}, required=("value",)),
}
WORDS = Many(of=Typed(names=frozenset(INLINE)))
BORDER = Num(min=0, max=1)
RICH: dict[str, Shape] = {
    "rich_text_section": Shape(fields={**TYPE, "elements": WORDS}, required=("elements",)),
    "rich_text_preformatted": Shape(
        fields={**TYPE, "elements": WORDS, "border": BORDER, "language": Str()}, required=("elements",)
    ),
    "rich_text_quote": Shape(fields={**TYPE, "elements": WORDS, "border": BORDER}, required=("elements",)),
    "rich_text_list": Shape(
        fields={
            **TYPE,
            "elements": Many(of=Typed(names=frozenset({"rich_text_section"})), min=1),
            "style": Str(choices=frozenset({"bullet", "ordered"})),
            "indent": Num(min=0, max=8), "offset": Num(min=0), "border": BORDER,
        },
        required=("elements", "style"),
    ),
}  # fmt: skip


def _block(required: tuple[str, ...] = (), one_of: tuple[str, ...] = (), **fields: Kind) -> Shape:
    return Shape(fields={"type": Str(), "block_id": ID, **fields}, required=required, one_of=one_of)


def _young(**fields: Kind) -> Shape:
    """A block of 2025 and later, of which only some limits are written down: other fields pass."""
    return Shape(fields={"type": Str(), "block_id": ID, **fields}, open=True)


CELL = Typed(names=frozenset({"raw_text", "raw_number", "rich_text"}))
BLOCKS: dict[str, Shape] = {
    "section": _block(
        one_of=("text", "fields"),
        text=Text(max=3000, plain=False), fields=Many(of=Text(max=2000, plain=False), min=1, max=10),
        accessory=IN_SECTION, expand=Bool(),
    ),
    "header": _block(("text",), text=Text(max=150), level=Num(min=1, max=4)),
    "divider": _block(),
    "context": _block(("elements",), elements=Many(of=IN_CONTEXT, min=1, max=10)),
    "actions": _block(("elements",), elements=Many(of=IN_ACTIONS, min=1, max=25)),
    "image": _block(
        ("alt_text",), ("image_url", "slack_file"),
        image_url=WEB_URL, slack_file=Obj(shape="slack_file"), alt_text=Str(max=2000), title=Text(max=2000),
    ),
    "input": _block(
        ("label", "element"),
        label=Text(max=2000), hint=Text(max=2000), element=IN_INPUT, optional=Bool(), dispatch_action=Bool(),
    ),
    "rich_text": _block(("elements",), elements=Many(of=Typed(names=frozenset(RICH)), min=1)),
    "markdown": _block(("text",), text=Str(max=12_000)),
    "table": _block(
        ("rows",),
        rows=Many(of=Many(of=CELL, min=1, max=20), min=1, max=100),
        column_settings=Many(of=Nullable(of=Obj(shape="column_setting")), max=20),
    ),
    "video": _block(
        ("alt_text", "title", "thumbnail_url", "video_url"),
        alt_text=Str(), title=Text(max=199), title_url=URL, thumbnail_url=WEB_URL, video_url=WEB_URL, author_name=Str(max=49),
        description=Text(max=200), provider_icon_url=URL, provider_name=Str(),
    ),
    "file": _block(("external_id", "source"), external_id=Str(), source=Str(choices=frozenset({"remote"}))),
    "context_actions": _block(
        ("elements",), elements=Many(of=Typed(names=frozenset({"feedback_buttons", "icon_button"})), min=1, max=5)
    ),
    "card": _young(title=Text(max=150, plain=False), subtitle=Text(max=150, plain=False), body=Text(max=200, plain=False), actions=Many(of=IN_ACTIONS, max=3)),
    "carousel": _young(elements=Many(of=Whatever(), min=1, max=10)),
    "alert": _young(text=Text(max=200, plain=False)),
    "container": _young(elements=Many(of=Whatever(), max=10)),
    "data_table": _young(rows=Many(of=Whatever(), min=2, max=201)),
    "data_visualization": _young(title=Whatever(), series=Many(of=Whatever(), max=12)),
    "task_card": _young(),
    "plan": _young(),
}  # fmt: skip

CELLS: dict[str, Shape] = {
    "raw_text": Shape(fields={**TYPE, "text": Str(min=0)}, required=("text",)),
    "raw_number": Shape(fields={**TYPE, "value": Num(), "text": Str(min=0)}, required=("value",)),
}

MESSAGE_TYPES = Typed(names=frozenset(BLOCKS) - {"alert"})
MODAL_TYPES = Typed(
    names=frozenset(BLOCKS) - {"table", "markdown", "context_actions", "task_card", "plan", "file"}
)

VIEWS: dict[str, Shape] = {
    "modal": Shape(
        fields={
            **TYPE, "title": Text(max=24), "blocks": Many(of=MODAL_TYPES, min=0, max=VIEW_BLOCKS), "close": Text(max=24),
            "submit": Text(max=24), "private_metadata": Str(min=0, max=3000), "callback_id": Str(min=0, max=255),
            "clear_on_close": Bool(), "notify_on_close": Bool(), "external_id": Str(min=0, max=255),
            "submit_disabled": Bool(),
        },
        required=("title", "blocks"),
    ),
    "home": Shape(
        fields={
            **TYPE, "blocks": Many(of=MODAL_TYPES, min=0, max=VIEW_BLOCKS), "private_metadata": Str(min=0, max=3000),
            "callback_id": Str(min=0, max=255), "external_id": Str(min=0, max=255),
        },
        required=("blocks",),
    ),
}  # fmt: skip
