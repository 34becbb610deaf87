"""People and their groups: https://docs.slack.dev/reference/methods#users."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox import settings
from bot.sandbox.api.conversations import sliced
from bot.sandbox.api.places import described
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.settings import Person


def info(call: Call) -> Json:
    """Describe one user."""
    user = call.args.needed("user", "user_not_found")
    return {"ok": True, "user": shown(_person(call, user), now=call.now)}


def dnd(call: Call) -> Json:
    """Tell until when a user is not disturbed: https://docs.slack.dev/reference/methods/dnd.info"""
    until = _person(call, call.args.needed("user", "user_not_found")).dnd_until
    snoozed = until > call.now
    more: Json = {"snooze_endtime": int(until), "snooze_remaining": int(until - call.now)} if snoozed else {}
    return {
        "ok": True,
        "dnd_enabled": False,
        "next_dnd_start_ts": 1,
        "next_dnd_end_ts": 1,
        "snooze_enabled": snoozed,
        **more,
    }


def listing(call: Call) -> Json:
    """List everybody, bots too."""
    people = [shown(person, now=call.now) for person in call.box.workspace.people.values()]
    return {**sliced(call, "members", people), "cache_ts": int(call.now)}


def lookup_by_email(call: Call) -> Json:
    """Find a user by mail address: the name before the @ of example.org."""
    wanted = call.args.needed("email", "users_not_found").lower()
    for person in call.box.workspace.people.values():
        if not person.is_bot and wanted == email(person):
            return {"ok": True, "user": shown(person, now=call.now)}
    raise SlackError("users_not_found")


def conversations(call: Call) -> Json:
    """List the channels that a user, else the bot, is in."""
    user = call.args.text("user", settings.BOT_USER_ID)
    channels = [channel for channel in call.box.workspace.channels.values() if user in channel.members]
    types = call.args.names("types") or ["public_channel"]
    kept = [channel for channel in channels if ("im" if channel.is_im else "public_channel") in types]
    return sliced(call, "channels", [described(channel) for channel in kept])


def usergroups_list(call: Call) -> Json:
    """List the user groups."""
    groups = [
        {"id": group["id"], "team_id": settings.TEAM_ID, "is_usergroup": True, "handle": group.get("handle", group["id"]),
         "name": group.get("name", group["id"]), "user_count": len(group.get("users", [])), "users": group.get("users", [])}
        for group in call.box.workspace.setup.usergroups
    ]  # fmt: skip
    return {"ok": True, "usergroups": groups}


def usergroups_users_list(call: Call) -> Json:
    """List the members of a group; the setup may name them instead of giving ids."""
    wanted = call.args.needed("usergroup", "no_such_subteam")
    for group in call.box.workspace.setup.usergroups:
        if group["id"] == wanted:
            return {"ok": True, "users": [_person(call, user).id for user in group.get("users", [])]}
    raise SlackError("no_such_subteam")


def shown(person: Person, *, now: float) -> Json:
    """Give the user as Slack describes one; `tz_offset` in seconds."""
    local = datetime.fromtimestamp(now, ZoneInfo(person.tz))
    offset = local.utcoffset()
    return {
        "id": person.id, "team_id": settings.TEAM_ID, "name": person.name, "deleted": False, "real_name": person.real_name,
        "tz": person.tz, "tz_label": local.tzname(), "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_bot": person.is_bot, "is_app_user": False, "is_admin": False, "is_owner": False, "is_restricted": False,
        "is_ultra_restricted": False, "updated": 0,
        "profile": {
            "real_name": person.real_name, "display_name": person.name, "real_name_normalized": person.real_name,
            "display_name_normalized": person.name, "team": settings.TEAM_ID,
            **({"bot_id": settings.BOT_ID, "api_app_id": settings.APP_ID} if person.is_bot else {"email": email(person)}),
        },
    }  # fmt: skip


def email(person: Person) -> str:
    """Give the made-up mail address."""
    return f"{person.name}@example.org"


def _person(call: Call, user: str) -> Person:
    for person in call.box.workspace.people.values():
        if user == person.id or (user == person.name and call.method.startswith("usergroups.")):
            return person
    raise SlackError("user_not_found")
