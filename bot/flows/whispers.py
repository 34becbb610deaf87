"""What one person alone is shown: the words where they asked; a file in direct messages, since no file can be whispered."""

from collections.abc import Callable

from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.messages import Message
from bot.ports import Services
from bot.present import said

Show = Callable[[Message], None]
LOST = (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused)


def whisper(services: Services, user: str, message: Message, *, channel: str) -> None:
    """Show a message in a channel to one person, best effort: lost, it is asked for again."""

    def show(shown: Message) -> None:
        try:
            services.chat.whisper(channel, user, shown)
        except LOST as error:
            services.telemetry.failure("whisper lost", error)

    hand(services, user, message, show=show)


def hand(services: Services, user: str, message: Message, *, show: Show) -> None:
    """Show a message by `show`, and put its file where the person alone finds it; where that fails, they are told."""
    file = message.attachment
    if file is None:
        show(message)
        return
    show(said.with_its_file_apart(message, file))
    try:
        posted = services.chat.post(user, said.handed(file), outbox=services.ids.new("hand"))
        services.chat.attach(posted, file)
    except LOST as error:
        services.telemetry.failure("file lost", error, file=file.name)
        show(said.file_lost(file, error.code))
