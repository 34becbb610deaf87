"""Socket Mode: the way in that needs no address of ours. It opens, is watched, and comes back by itself."""

import logging
from http.client import HTTPException
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.chat.slack.link import Handler, Link
from bot.chat.slack.pulse import Pulse
from bot.domain.errors import EdgeFault
from bot.ports import Telemetry

SOCKET_THREADS = 16
PING_EVERY_S, SILENT_S = 5.0, 16.0


class Socket:
    """One app's socket. `client` is its own: slack_sdk asks it for the next address from its own threads."""

    def __init__(
        self, app: App, *, token: str, client: WebClient, logger: logging.Logger, telemetry: Telemetry
    ) -> None:
        self._link = Link(
            token, logger=logger, web_client=client, ping_interval=PING_EVERY_S, concurrency=SOCKET_THREADS
        )
        self._pulse = Pulse(self._link, telemetry, silent_s=SILENT_S)
        self._greeted: object = None
        self._link.message_listeners.append(self._hear)
        Handler(self._link, app)

    def start(self) -> None:
        """Open it. Raises EdgeFault, in one line."""
        connect(self._link)
        self._pulse.start()

    def stop(self) -> None:
        self._pulse.stop()
        self._link.hang_up()

    def trouble(self) -> str:
        """Return why nothing comes in, empty where it does."""
        if not self._link.is_connected():
            return "the socket is closed"
        if self._greeted is not self._link.current_session:
            return "the socket is open, and Slack has not said hello"
        if self._pulse.silent_for > SILENT_S:
            return f"the socket has been silent for {self._pulse.silent_for:.0f} s"
        return ""

    def _hear(self, _client: Any, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._greeted = self._link.current_session


def connect(link: Link) -> None:
    """Open the socket. Raises EdgeFault, in one line."""
    try:
        link.connect()
    except SlackApiError as error:
        code = error.response.get("error", "no answer")
        raise EdgeFault(
            f"Socket Mode did not connect ({code}). Look at SLACK_APP_TOKEN and its connections:write."
        ) from error
    except (OSError, HTTPException, SlackClientError) as error:
        raise EdgeFault(
            f"Socket Mode did not connect ({' '.join(str(error).split())}). Try again."
        ) from error
