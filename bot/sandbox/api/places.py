"""Which channel a call means, and whether the bot may speak there."""

from bot.sandbox import settings
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.workspace import Channel


def channel_by_id(call: Call, name: str = "channel") -> Channel:
    """Find the channel that an argument names by id. Raises SlackError channel_not_found."""
    return call.box.workspace.channel(call.args.needed(name, "channel_not_found"))


def channel_to_post(call: Call) -> Channel:
    """Find the channel to speak in: an id, a name, or a user's id for a direct message.

    Raises SlackError channel_not_found, is_archived, not_in_channel.
    """
    wanted = call.args.needed("channel", "channel_not_found")
    workspace = call.box.workspace
    if wanted in workspace.people and wanted != settings.BOT_USER_ID:
        return workspace.direct(wanted, now=call.now)
    return speakable(workspace.channel_called(wanted))


def speakable(channel: Channel) -> Channel:
    """Give the channel if the bot may write there. Raises SlackError is_archived, not_in_channel."""
    if channel.archived:
        raise SlackError("is_archived")
    if settings.BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def message_by_ts(channel: Channel, ts: str) -> Json:
    """Find a message or reply. Raises SlackError message_not_found."""
    message = channel.find(ts)
    if message is None:
        raise SlackError("message_not_found")
    return message


def described(channel: Channel) -> Json:
    """Give the channel as Slack describes it."""
    common: Json = {
        "id": channel.id, "created": int(channel.created), "is_archived": channel.archived, "is_im": channel.is_im,
        "is_org_shared": False, "context_team_id": settings.TEAM_ID, "updated": int(channel.created * 1000),
    }  # fmt: skip
    if channel.is_im:
        return {**common, "user": channel.user, "is_user_deleted": False, "priority": 0}
    return {
        **common, "name": channel.name, "name_normalized": channel.name, "is_channel": not channel.is_private,
        "is_group": channel.is_private, "is_mpim": False, "is_private": channel.is_private, "is_general": False,
        "is_shared": False, "is_member": settings.BOT_USER_ID in channel.members, "creator": channel.creator,
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0}, "num_members": len(channel.members),
    }  # fmt: skip
