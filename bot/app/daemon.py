"""The bot: the chat, the rounds, the jobs, the outbox and the pages, ticked until somebody stops it."""

import socket
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.app.inventories import Inventories
from bot.app.leading import LOOKS_S, Leadership, worker_name
from bot.app.parts import Start, require_pagers, services, version
from bot.app.vital import Awake, DeadmanSwitch, Progress, Watchdog
from bot.config.secrets import secret
from bot.domain.errors import EdgeFault, StoreFault
from bot.flows import away, deliver, groups, heartbeats, housekeeping, remediate, strangers
from bot.flows.blind import Blind
from bot.ports import Services
from bot.web import address
from bot.work.checks import Checks
from bot.work.inline import Jobs
from bot.work.rounds import Rounds
from handlers import router

if TYPE_CHECKING:
    from bot.chat.slack.edge import SlackEdge
    from bot.chat.slack.tokens import Tokens
    from bot.schedule import Clockwork
    from bot.web.metrics import Metrics

TICK_S, DELIVER_S, HOME_S, LOOK_S, HOUSEKEEPING_S = 0.25, 0.5, 2.0, 10.0, 600.0
INVENTORIES_S, CHECKS_S, GROUPS_S, BLIND_S, DUTY_S = 5.0, 1.0, 1.0, 15.0, 300.0


def run(start: Start, *, stop: threading.Event, http: str) -> None:
    """Run until `stop` is set; `http`: where /metrics and the like listen, or `off`.

    Raises EdgeFault where the chat cannot be used as it is set up, the address not be listened on, or another bot has
    taken over.
    """
    from bot.chat.slack.edge import directory, sender  # noqa: PLC0415 — 0.4 s that only `run` needs
    from bot.chat.slack.tokens import read_tokens  # noqa: PLC0415
    from bot.web.metrics import Metrics  # noqa: PLC0415
    from bot.web.site import listening  # noqa: PLC0415

    where = address.parse(http)
    settings = start.settings()
    over_http = settings.mode == "http"
    if over_http and where is None:
        raise EdgeFault("slack.mode is http, so Slack needs an address to call: leave `--http off` out.")
    tokens = read_tokens(start.environ, secret, http=over_http)
    metrics = Metrics()
    with (
        listening(where) as listener,
        services(
            start, settings, chat=sender(tokens), people=directory(tokens, settings), meter=metrics
        ) as built,
    ):
        require_pagers(built)
        watchdog = Watchdog(start.environ)
        leadership = Leadership(built, worker=worker_name())
        if not _leads(leadership, listener, built, watchdog, stop):
            return
        try:
            _work(
                start,
                built,
                leadership,
                tokens=tokens,
                metrics=metrics,
                listener=listener,
                watchdog=watchdog,
                stop=stop,
            )
        finally:
            leadership.leave()


def _work(
    start: Start,
    built: Services,
    leadership: Leadership,
    *,
    tokens: "Tokens",
    metrics: "Metrics",
    listener: socket.socket | None,
    watchdog: Watchdog,
    stop: threading.Event,
) -> None:
    """Do all that a bot does, until `stop` is set."""
    from bot.chat.slack.edge import SlackEdge  # noqa: PLC0415 — as above
    from bot.web.health import Vitals  # noqa: PLC0415
    from bot.web.site import KEYS, site  # noqa: PLC0415
    from bot.web.slack import Door  # noqa: PLC0415

    settings = built.settings
    edge = SlackEdge(built, tokens, router.answer)
    checks = Checks(built)
    rounds, jobs = Rounds(built, checks=checks), Jobs(built, worker=leadership.worker)
    clockwork = _wound(
        built,
        edge,
        rounds,
        jobs,
        worker=leadership.worker,
        checks=checks,
        inventories=Inventories(start, built),
    )
    progress = Progress(built, lambda: rounds.committed, clockwork.lag)
    _mind_the_dead_man(built, clockwork, progress)
    for warning in settings.warnings:
        built.telemetry.event("config", warning=warning)
    door = Door(edge.app, tokens.signing, built).page if settings.mode == "http" else None
    vitals = Vitals(chat=edge.trouble, lag=clockwork.lag)
    keys = {name: secret(name, start.environ) or "" for name in KEYS}
    served = site(listener, built, vitals, metrics, slack=door, keys=keys) if listener else None
    try:
        if served is not None:
            served.start()
        remediate.void_questions(built)
        away.after_start(built)
        edge.start()
        clockwork.start()
        at = address.told(listener) if listener else address.OFF
        built.telemetry.event("running", version=version(), hosts=len(settings.fleet.hosts), http=at)
        watchdog.tell("READY=1")
        _go_on(stop, built, leadership, clockwork=clockwork, progress=progress, watchdog=watchdog)
    finally:
        watchdog.tell("STOPPING=1")
        built.telemetry.event("stopping")
        if served is not None:
            served.stop()
        edge.stop()
        clockwork.stop()
        checks.stop()
        rounds.stop()
        jobs.stop()


def _leads(
    leadership: Leadership,
    listener: socket.socket | None,
    built: Services,
    watchdog: Watchdog,
    stop: threading.Event,
) -> bool:
    """Wait until no other bot works on this database; False where we were stopped before."""
    if leadership.take():
        return True
    from bot.web.waiting import waiting_site  # noqa: PLC0415 — lean at rest

    served = waiting_site(listener, built.telemetry, lambda: leadership.waits_for) if listener else None
    at = address.told(listener) if listener else address.OFF
    try:
        if served is not None:
            served.start()
        built.telemetry.event("stands by", worker=leadership.waits_for, http=at)
        watchdog.tell(f"READY=1\nSTATUS=stands by: {leadership.waits_for} works on this database")
        while not stop.wait(LOOKS_S):
            watchdog.tell("WATCHDOG=1")
            if leadership.take():
                watchdog.tell("STATUS=")
                return True
    finally:
        if served is not None:
            served.stop()
    return False


def _go_on(
    stop: threading.Event,
    built: Services,
    leadership: Leadership,
    *,
    clockwork: "Clockwork",
    progress: Progress,
    watchdog: Watchdog,
) -> None:
    """Wait until we are stopped; feed systemd's watchdog as long as there is progress. Raises EdgeFault where another leads."""
    fed_at, awake = 0.0, Awake()
    while not stop.wait(1.0):
        clockwork.watch_clock()
        leadership.keep()
        _say_that_we_slept(awake.gap_s(), built)
        if watchdog.every_s is None or time.monotonic() - fed_at < watchdog.every_s:
            continue
        if progress.is_well():
            watchdog.tell("WATCHDOG=1")
            fed_at = time.monotonic()


def _say_that_we_slept(gap_s: float, built: Services) -> None:
    try:
        away.say_since(built.clock.now() - timedelta(seconds=gap_s), built)
    except StoreFault as error:
        built.telemetry.failure("being away not told", error, seconds=round(gap_s))


def _mind_the_dead_man(built: Services, clockwork: "Clockwork", progress: Progress) -> None:
    deadman = built.settings.deadman
    if deadman is None:
        return
    from bot.pages.deadman import ask_for  # noqa: PLC0415 — lean at rest

    clockwork.every(deadman.every_s, "deadman", DeadmanSwitch(deadman, progress, ask_for).beat)


def _wound(
    built: Services,
    edge: "SlackEdge",
    rounds: Rounds,
    jobs: Jobs,
    *,
    worker: str,
    checks: Checks,
    inventories: Inventories,
) -> "Clockwork":
    """Return the clockwork with all that it drives."""
    from bot.schedule import Clockwork  # noqa: PLC0415

    settings = built.settings
    clockwork = Clockwork(built.clock, built.telemetry, jumped=built.store.shift_deadlines)
    if settings.probes.enabled:
        clockwork.every(TICK_S, "rounds", rounds.tick)
        clockwork.every(CHECKS_S, "checks", checks.tick)
        clockwork.every(BLIND_S, "blind", Blind(services=built).look)
    clockwork.every(TICK_S, "jobs", jobs.tick)
    clockwork.every(BLIND_S, "heartbeats", lambda: heartbeats.look(built))
    looked: dict[str, datetime] = {}
    clockwork.every(GROUPS_S, "groups", lambda: groups.refresh(built, looked))
    clockwork.every(DELIVER_S, "deliver", lambda: deliver.deliver_due(built, worker=worker))
    if built.pagers:
        clockwork.every(DELIVER_S, "pages", lambda: deliver.deliver_due(built, worker=worker, paging=True))
    clockwork.every(HOME_S, "home", edge.publish_home)
    clockwork.every(LOOK_S, "look", edge.look)
    clockwork.every(HOUSEKEEPING_S, "housekeeping", lambda: housekeeping.sweep(built))
    clockwork.every(strangers.EVERY_S, "strangers", strangers.Strangers(built).look)
    if any(team.ical for team in settings.teams.values()):
        clockwork.every(DUTY_S, "duty", built.duty.refresh)
    if settings.sources:
        clockwork.every(INVENTORIES_S, "inventories", inventories.look)
    return clockwork
