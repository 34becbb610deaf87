"""The running connection to Slack: checked at the start, in Socket Mode, and it comes back by itself."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.chat.slack.blocks import blocks
from bot.chat.slack.link import Handler, Link
from bot.chat.slack.listeners import Answer, Listeners
from bot.chat.slack.people import People
from bot.chat.slack.pulse import Pulse
from bot.chat.slack.send import SlackOut, call, make_client
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatError, ChatRefused, EdgeFault
from bot.domain.settings import Settings
from bot.ports import Services
from bot.present import status

LISTENER_THREADS, SOCKET_THREADS = 16, 16
PING_EVERY_S, SILENT_S = 5.0, 16.0
MOST_HOMES = 100
ANY_ERROR = (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`api_url` is another Slack Web API, where SLACK_API_URL names one."""

    bot: str
    app: str
    api_url: str | None = None


def read_tokens(environ: Mapping[str, str], secret: Callable[[str, Mapping[str, str]], str | None]) -> Tokens:
    """Return the tokens, or raise EdgeFault saying which is missing and where to get it."""
    bot, app = secret("SLACK_BOT_TOKEN", environ), secret("SLACK_APP_TOKEN", environ)
    if not bot:
        raise EdgeFault(
            "SLACK_BOT_TOKEN is not set. Install the app (hangbot manifest) and export its xoxb- token."
        )
    if not app:
        raise EdgeFault(
            "SLACK_APP_TOKEN is not set. Make an app-level token with connections:write, export its xapp- token."
        )
    if not bot.startswith("xoxb-"):
        raise EdgeFault("SLACK_BOT_TOKEN is no bot token: it begins with xoxb-.")
    if not app.startswith("xapp-"):
        raise EdgeFault("SLACK_APP_TOKEN is no app-level token: it begins with xapp-.")
    return Tokens(bot=bot, app=app, api_url=environ.get("SLACK_API_URL") or None)


def sender(tokens: Tokens) -> SlackOut:
    return SlackOut(make_client(tokens.bot, tokens.api_url))


class SlackEdge:
    """Everything that drives the bot from Slack. `start` checks first, and raises EdgeFault in plain words."""

    def __init__(self, services: Services, tokens: Tokens, answer: Answer) -> None:
        self._services, self._tokens = services, tokens
        self._client = make_client(tokens.bot, tokens.api_url)
        self._sender = SlackOut(self._client)
        self._people = People(self._client, self._sender, services.settings)
        self._listeners = Listeners(services, self._people, answer, self.welcome)
        self._executor = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="bolt")
        self._link: Link | None = None
        self._pulse: Pulse | None = None
        self._homes: dict[str, str] = {}
        self._lock = Lock()

    @property
    def connected(self) -> bool:
        return self._link is not None and self._link.is_connected()

    def start(self) -> None:
        check(self._client, self._sender, self._services.settings)
        logger = logging.getLogger("slack_bolt")
        app = App(
            client=self._client,
            token=self._tokens.bot,
            token_verification_enabled=False,
            listener_executor=self._executor,
            logger=logger,
        )
        self._listeners.register(app)
        self._link = Link(
            self._tokens.app,
            logger=logger,
            web_client=make_client(self._tokens.bot, self._tokens.api_url),
            ping_interval=PING_EVERY_S,
            concurrency=SOCKET_THREADS,
        )
        Handler(self._link, app)
        connect(self._link)
        self._pulse = Pulse(self._link, self._services.telemetry, silent_s=SILENT_S)
        self._pulse.start()

    def stop(self) -> None:
        if self._pulse is not None:
            self._pulse.stop()
        if self._link is not None:
            self._link.hang_up()
        self._listeners.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

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
    try:
        channel = sender_.channel_id(settings.channel)
        found = call(client.conversations_info, channel=channel)["channel"]
    except ChatRefused as refused:
        raise EdgeFault(
            f"I see no channel {settings.channel} ({refused.code}). Does it exist, and is it public or am I invited?"
        ) from refused
    except ChatError as error:
        raise EdgeFault(f"The channel {settings.channel} cannot be looked up ({error}).") from error
    if not found.get("is_member", True):
        raise EdgeFault(f"I am not in {settings.channel}. Type there: /invite @{me.get('user', 'hangbot')}")


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
