"""The app itself: its token, its bot user and its Socket Mode address."""

from bot.sandbox import blocks, settings
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError


def api_test(call: Call) -> Json:
    """Answer what was sent; `error` makes it fail, as Slack offers."""
    if error := call.args.text("error"):
        raise SlackError(error, listed=False)
    return {"ok": True, "args": {}}


def auth_test(call: Call) -> Json:
    """Say whose token it is."""
    return {
        "ok": True, "url": call.box.url, "team": call.box.workspace.setup.title, "user": settings.BOT_NAME,
        "team_id": settings.TEAM_ID, "user_id": settings.BOT_USER_ID, "bot_id": settings.BOT_ID,
        "is_enterprise_install": False,
    }  # fmt: skip


def connections_open(call: Call) -> Json:
    """Give the address of one Socket Mode connection."""
    address = call.box.url.replace("http://", "ws://", 1)
    return {"ok": True, "url": f"{address}link/?ticket={call.box.hub.ticket()}&app_id={settings.APP_ID}"}


def bots_info(call: Call) -> Json:
    """Describe the bot."""
    if call.args.text("bot", settings.BOT_ID) != settings.BOT_ID:
        raise SlackError("bot_not_found")
    return {
        "ok": True,
        "bot": {
            "id": settings.BOT_ID, "deleted": False, "name": settings.BOT_NAME, "updated": 0, "app_id": settings.APP_ID,
            "user_id": settings.BOT_USER_ID, "icons": {},
        },
    }  # fmt: skip


def blocks_validate(call: Call) -> Json:
    """Check blocks without posting them: https://docs.slack.dev/reference/methods/blocks.validate."""
    flaws = blocks.check_message(call.args.json("blocks", "invalid_blocks_format"))
    if flaws:
        raise SlackError("invalid_blocks", flaws=flaws, listed=False)
    return {"ok": True}
