"""The Web API's methods, each by Slack's name."""

from collections.abc import Callable

from bot.sandbox.api import apps, chat, conversations, files, pages, reactions, users, views
from bot.sandbox.box import Call
from bot.sandbox.errors import Json

Method = Callable[[Call], Json]

METHODS: dict[str, Method] = {
    "api.test": apps.api_test,
    "apps.connections.open": apps.connections_open,
    "auth.test": apps.auth_test,
    "bots.info": apps.bots_info,
    "blocks.validate": apps.blocks_validate,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.get_permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.archive": conversations.archive,
    "conversations.create": conversations.create,
    "conversations.history": pages.history,
    "conversations.info": conversations.info,
    "conversations.invite": conversations.invite,
    "conversations.join": conversations.join,
    "conversations.list": conversations.listing,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_direct,
    "conversations.replies": pages.replies,
    "conversations.setTopic": conversations.set_topic,
    "dnd.info": users.dnd,
    "files.completeUploadExternal": files.complete_upload_external,
    "files.getUploadURLExternal": files.get_upload_url_external,
    "files.info": files.info,
    "pins.add": reactions.pin,
    "reactions.add": reactions.add,
    "reactions.get": reactions.get,
    "reactions.remove": reactions.remove,
    "usergroups.list": users.usergroups_list,
    "usergroups.users.list": users.usergroups_users_list,
    "users.conversations": users.conversations,
    "users.info": users.info,
    "users.list": users.listing,
    "users.lookupByEmail": users.lookup_by_email,
    "views.open": views.open_modal,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}
