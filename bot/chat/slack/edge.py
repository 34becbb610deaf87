"""What drives the bot from Slack, checked at the start. Socket Mode and HTTP mode share all of it but the way in."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot.chat.slack.blocks import blocks
from bot.chat.slack.listeners import Answer, Listeners
from bot.chat.slack.people import People
from bot.chat.slack.send import SlackOut, call, make_client
from bot.chat.slack.sockets import Socket
from bot.chat.slack.tokens import Tokens
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatError, ChatRefused, EdgeFault
from bot.domain.settings import Settings
from bot.ports import Services, Telemetry
from bot.present import status

LISTENER_THREADS = 16
MOST_HOMES = 100
HEARD_WITHIN_S = 35.0
"""How long ago Slack may last have answered for it to count as connected; it is asked every ten seconds."""
ANY_ERROR = (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused)


def sender(tokens: Tokens) -> SlackOut:
    return SlackOut(make_client(tokens.bot, tokens.api_url))


def directory(tokens: Tokens, settings: Settings) -> People:
    """Return who is who, as ports.People."""
    client = make_client(tokens.bot, tokens.api_url)
    return People(client, SlackOut(client), settings)


class TimedApp(App):
    """bolt's App, which measures how long a person waits for each acknowledgement, whichever way the delivery came."""

    def __init__(self, telemetry: Telemetry, **given: Any) -> None:
        super().__init__(**given)
        self._telemetry = telemetry

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        began = monotonic()
        try:
            return super().dispatch(req)
        finally:
            if "command" in req.body or "user" in req.body:
                self._telemetry.observe("command_ack", monotonic() - began)


class SlackEdge:
    """Everything that drives the bot from Slack. `start` checks first, and raises EdgeFault in plain words.

    With an app-level token it opens a socket. Without, somebody else must hand `app` what Slack sends: bot/web/slack.py.
    """

    def __init__(self, services: Services, tokens: Tokens, answer: Answer) -> None:
        self._services, self._tokens = services, tokens
        self._client = make_client(tokens.bot, tokens.api_url)
        self._sender = SlackOut(self._client)
        self._people = People(self._client, self._sender, services.settings)
        self._listeners = Listeners(services, self._people, answer, self.welcome)
        self._executor = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="bolt")
        self._heard: tuple[float, str] = (monotonic(), "Slack has not been asked yet")
        self._homes: dict[str, str] = {}
        self._lock = Lock()
        logger = logging.getLogger("slack_bolt")
        self.app = TimedApp(
            services.telemetry,
            client=self._client,
            token=tokens.bot,
            signing_secret=tokens.signing,
            token_verification_enabled=False,
            listener_executor=self._executor,
            logger=logger,
        )
        self.app.error(self._failed)
        self._listeners.register(self.app)
        self._socket: Socket | None = None
        if tokens.app:
            own = make_client(tokens.bot, tokens.api_url)
            self._socket = Socket(
                self.app, token=tokens.app, client=own, logger=logger, telemetry=services.telemetry
            )

    def start(self) -> None:
        check(self._client, self._sender, self._services.settings)
        self._heard = (monotonic(), "")
        if self._socket is not None:
            self._socket.start()

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.stop()
        self._listeners.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _failed(self, error: Exception) -> None:
        """Note a delivery that could not even be acknowledged; Slack sends events again."""
        self._services.telemetry.failure("delivery failed", error)

    # --- whether it is connected

    def look(self) -> None:
        """Ask Slack whether it still knows us; to be called every ten seconds."""
        try:
            self._sender.call(self._client.auth_test)
        except ChatClosed as closed:
            self._heard = (monotonic(), f"Slack refuses SLACK_BOT_TOKEN ({closed.code})")
        except ChatError:
            return  # it may answer next time; if it goes on so, `trouble` says since when
        else:
            self._heard = (monotonic(), "")

    def trouble(self) -> str:
        """Return why the chat is not connected, empty where it is."""
        at, refused = self._heard
        if refused:
            return refused
        if monotonic() - at > HEARD_WITHIN_S:
            return f"Slack has not answered for {monotonic() - at:.0f} s"
        return self._socket.trouble() if self._socket is not None else ""

    # --- the App Home: a line per host, for everybody who opened it

    def welcome(self, user: str) -> None:
        """Publish the home of somebody who opened it, and keep it up to date from then on."""
        with self._lock:
            if user not in self._homes and len(self._homes) >= MOST_HOMES:
                self._homes.pop(next(iter(self._homes)))
            self._homes[user] = ""
        self.publish_home()

    def publish_home(self) -> None:
        """Publish to all who opened it, where it reads otherwise than before."""
        services = self._services
        message = status.home(
            services.settings,
            services.store.observations(),
            services.store.alerts(unresolved=True),
            now=services.clock.now(),
        )
        view = {"type": "home", "blocks": blocks(message, version="home")}
        with self._lock:
            behind = [user for user, shown in self._homes.items() if shown != str(view)]
        for user in behind:
            try:
                self._sender.call(self._client.views_publish, user_id=user, view=view)
            except ANY_ERROR as error:
                services.telemetry.event("home not published", user=user, error=str(error))
                return
            with self._lock:
                self._homes[user] = str(view)


def check(client: WebClient, sender_: SlackOut, settings: Settings) -> None:
    """Say plainly what would not work. Raises EdgeFault."""
    if not settings.channel:
        raise EdgeFault('The config names no channel. Add: slack: {channel: "#ops"}')
    try:
        me = call(client.auth_test)
    except ChatClosed as closed:
        raise EdgeFault(
            f"Slack refuses SLACK_BOT_TOKEN ({closed.code}). Is it of this workspace, and still installed?"
        ) from closed
    except ChatError as error:
        raise EdgeFault(
            f"Slack cannot be reached ({error}). Look at the network, and at SLACK_API_URL if it is set."
        ) from error
    for named in settings.channels:
        _check_channel(client, sender_, named, me=str(me.get("user") or "hangbot"))


def _check_channel(client: WebClient, sender_: SlackOut, named: str, *, me: str) -> None:
    try:
        channel = sender_.channel_id(named)
        found = call(client.conversations_info, channel=channel)["channel"]
    except ChatRefused as refused:
        raise EdgeFault(
            f"I see no channel {named} ({refused.code}). Does it exist, and is it public or am I invited?"
        ) from refused
    except ChatError as error:
        raise EdgeFault(f"The channel {named} cannot be looked up ({error}).") from error
    if not found.get("is_member", True):
        raise EdgeFault(f"I am not in {named}. Type there: /invite @{me}")
