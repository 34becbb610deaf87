"""The whole site: what is served where, on a socket that listens already."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.ports import Services
from bot.web import webhooks
from bot.web.address import Address, listen
from bot.web.health import Readiness, Vitals, alive
from bot.web.metrics import Gauges, Metrics
from bot.web.pagerduty import SECRET, pagerduty
from bot.web.pages import Page, Route
from bot.web.server import Server

SLACK = "/slack/events"
KEYS = (webhooks.TOKEN, SECRET)
"""Names of the variables that hold what others prove themselves with."""


def site(
    listener: socket.socket,
    services: Services,
    vitals: Vitals,
    metrics: Metrics,
    *,
    slack: Page | None,
    keys: Mapping[str, str],
) -> Server:
    """Return what serves it all; `slack` in HTTP mode alone, `keys` are those of KEYS that are set. Nothing is answered
    before `start`.
    """
    metrics.read_when_scraped(Gauges(services=services, lag=vitals.lag))
    routes = {**_routes(Readiness(services, vitals), metrics, slack), **_webhooks(services, keys)}
    return Server(listener, routes, services.telemetry)


def _webhooks(services: Services, keys: Mapping[str, str]) -> Mapping[str, Route]:
    token = keys.get(webhooks.TOKEN, "")
    pages = {"event": webhooks.event(services), "alertmanager": webhooks.alertmanager(services)}
    beat = Route(page=webhooks.heartbeat(services, token), methods=("GET", "HEAD", "POST"))
    answers = Route(page=pagerduty(services, keys.get(SECRET, "")), methods=("POST",))
    return {webhooks.HEARTBEAT: beat, "/webhooks/pagerduty": answers} | {
        f"/webhooks/{name}": Route(page=webhooks.guarded(token, page), methods=("POST",))
        for name, page in pages.items()
    }


def _routes(readiness: Readiness, metrics: Metrics, slack: Page | None) -> Mapping[str, Route]:
    table = {
        "/healthz": Route(page=alive),
        "/readyz": Route(page=readiness.page),
        "/metrics": Route(page=metrics.page),
    }
    return {**table, SLACK: Route(page=slack, methods=("POST",))} if slack is not None else table


@contextmanager
def listening(address: Address | None) -> Iterator[socket.socket | None]:
    """Listen before anything else is begun; None for nowhere. Raises EdgeFault where that does not work."""
    if address is None:
        yield None
        return
    with listen(address) as listener:
        yield listener
