"""What Prometheus scrapes. Counters and histograms are fed while the bot works, gauges are read when somebody scrapes.

No label per host: a fleet of hundreds would make hundreds of series of each (prometheus.io/docs/practices/naming).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.domain.alerts import AlertStatus, is_acknowledged
from bot.domain.diagnosis import Cause
from bot.domain.observations import ProbeOutcome
from bot.ports import Services
from bot.web.asked import Asked
from bot.web.pages import Answer, Environ

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4
STORE_WITHIN_S = 3.0


@dataclass(frozen=True, kw_only=True)
class Count:
    """A counter: its label, and every value that has, so that each series is there from the start."""

    name: str
    help: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A histogram, in seconds."""

    name: str
    help: str
    buckets: tuple[float, ...]


COUNTERS: Mapping[str, Count] = {
    "probe_rounds": Count(
        name="hangbot_probe_rounds_total",
        help="Rounds of probes, by how the host answered.",
        label="outcome",
        values=tuple(outcome.value for outcome in ProbeOutcome),
    ),
    "chat_posts": Count(
        name="hangbot_chat_posts_total",
        help="Tries to say something from the outbox, by how the chat took it.",
        label="outcome",
        values=("sent", "busy", "closed", "refused", "doubtful"),
    ),
    "pages": Count(
        name="hangbot_pages_total",
        help="Tries to page, by how the way was taken.",
        label="outcome",
        values=("sent", "busy", "closed", "refused", "doubtful"),
    ),
    "inspections": Count(
        name="hangbot_inspections_total",
        help="Inspections, by the cause that was found; unknown where none could be named.",
        label="cause",
        values=tuple(cause.value for cause in Cause),
    ),
    "slack_refused": Count(
        name="hangbot_slack_refused_total",
        help="Requests to /slack/events that Slack cannot have sent, by what gave them away.",
        label="reason",
        values=("unsigned", "stale", "wrong", "unreadable"),
    ),
}
HISTOGRAMS: Mapping[str, Measure] = {
    "probe_duration": Measure(
        name="hangbot_probe_duration_seconds",
        help="How long a round of probes took.",
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    ),
    "command_ack": Measure(
        name="hangbot_command_ack_seconds",
        help="How long commands, buttons and forms waited for their acknowledgement (Slack gives 3 s).",
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0),
    ),
}
STATES = ("pending", "firing", "acknowledged", "recovering")


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """What is read when somebody scrapes."""

    services: Services
    lag: Callable[[], float]


class Metrics:
    """Fulfils telemetry.Meter, and renders it all."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # one more series of each, which nobody reads
        self._registry = CollectorRegistry(auto_describe=False)
        self._counters = {key: _counter(count, self._registry) for key, count in COUNTERS.items()}
        self._histograms = {
            key: Histogram(one.name, one.help, buckets=one.buckets, registry=self._registry)
            for key, one in HISTOGRAMS.items()
        }
        ProcessCollector(namespace="hangbot", registry=self._registry)

    def count(self, metric: str, **labels: str) -> None:
        self._counters[metric].labels(**labels).inc()

    def observe(self, metric: str, value: float) -> None:
        self._histograms[metric].observe(max(0.0, value))

    def read_when_scraped(self, gauges: Gauges) -> None:
        self._registry.register(_Scraped(gauges))

    def page(self, environ: Environ) -> Answer:
        """Answer /metrics."""
        del environ
        return Answer(body=self.render(), type=CONTENT_TYPE)

    def render(self) -> bytes:
        """Return it all as Prometheus' text. Where the database hangs its gauges are left out."""
        return generate_latest(self._registry)


def _counter(count: Count, registry: CollectorRegistry) -> Counter:
    made = Counter(count.name, count.help, [count.label], registry=registry)
    for value in count.values:
        made.labels(**{count.label: value})
    return made


class _Scraped:
    """A collector, as the registry wants one."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges
        self._stored = Asked(self._from_store, within_s=STORE_WITHIN_S)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        lag = self._gauges.lag()
        yield GaugeMetricFamily("hangbot_scheduler_lag_seconds", "By how much the latest beat is late.", lag)
        open_now = self._gauges.services.hosts.connections()
        yield GaugeMetricFamily("hangbot_ssh_connections", "SSH connections that are open.", open_now)
        try:
            alerts, pending = self._stored.now()
        except Exception:  # noqa: BLE001 — /readyz says why; what is left is still worth scraping
            return
        yield GaugeMetricFamily("hangbot_outbox_pending", "Messages that are not sent yet.", pending)
        family = GaugeMetricFamily(
            "hangbot_alerts", "Alerts that are not over, by what they are at.", labels=["state"]
        )
        for state in STATES:
            family.add_metric([state], alerts.get(state, 0))
        yield family

    def _from_store(self) -> tuple[dict[str, int], int]:
        store, now = self._gauges.services.store, self._gauges.services.clock.now()
        counted: dict[str, int] = {}
        for alert in store.alerts(unresolved=True):
            in_hand = alert.status is AlertStatus.FIRING and is_acknowledged(alert, now=now)
            state = "acknowledged" if in_hand else alert.status.value
            counted[state] = counted.get(state, 0) + 1
        return counted, store.pending_notifications()
