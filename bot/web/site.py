"""The whole site: what is served where, on a socket that listens already."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.ports import Services
from bot.web.address import Address, listen
from bot.web.health import Readiness, Vitals, alive
from bot.web.metrics import Gauges, Metrics
from bot.web.pages import Page, Route
from bot.web.server import Server

SLACK = "/slack/events"


def site(
    listener: socket.socket, services: Services, vitals: Vitals, metrics: Metrics, *, slack: Page | None
) -> Server:
    """Return what serves it all; `slack` in HTTP mode alone. Nothing is answered before `start`."""
    metrics.read_when_scraped(Gauges(services=services, lag=vitals.lag))
    return Server(listener, _routes(Readiness(services, vitals), metrics, slack), services.telemetry)


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
