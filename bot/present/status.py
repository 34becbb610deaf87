"""The fleet at a glance, one host, what is watched, what fires."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from bot.domain.alerts import Alert, AlertStatus, Silence
from bot.domain.messages import Bullets, Context, Line, Message, Paragraph, Section, bold, code, italic, say
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.settings import Settings
from bot.domain.targets import HostSpec, Transport
from bot.present import readings
from bot.present.alert import brief as alert_brief
from bot.present.alert import held_back
from bot.present.alert_words import span
from bot.present.group import brief as group_brief
from bot.present.responses import covered

Observations = Mapping[str, Observation]
MOST_LINES = 30
FIRING = (AlertStatus.FIRING, AlertStatus.RECOVERING)


def fleet(
    settings: Settings,
    observations: Observations,
    open_alerts: Sequence[Alert],
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> Message:
    """Return every host in a line, the worst first; where probes are off, only what can be asked."""
    if not settings.probes.enabled:
        return _unwatched(settings)
    order = {
        emoji: number
        for number, emoji in enumerate((readings.BAD, readings.BLIND, "🟠", readings.UNSURE, readings.WELL))
    }
    hosts = sorted(
        settings.fleet.hosts, key=lambda name: (order[readings.worst(observations.get(name), now=now)], name)
    )
    shown = [_host_line(name, observations.get(name), now=now) for name in hosts]
    firing = [alert for alert in open_alerts if alert.status in FIRING]
    well = sum(readings.worst(observations.get(name), now=now) == readings.WELL for name in hosts)
    head = f"{well} of {len(hosts)} hosts well" + (f", {len(firing)} firing" if firing else ", nothing fires")
    sections: list[Section] = [Bullets(lines=_capped(shown))] if shown else []
    sections += _alert_lines(firing, silences, settings, now=now)
    return Message(text=f"{head}.", title=say(head), sections=tuple(sections))


def _unwatched(settings: Settings) -> Message:
    hosts = sorted(settings.fleet.hosts)
    head = f"Probes are off: I look at a host when you ask ({len(hosts)} known)"
    shown = _capped([say(bold(name)) for name in hosts])
    hint = say(
        code("/hang probe HOST"), " takes a round, ", code("/hang inspect HOST SERVICE"), " says what hangs."
    )
    sections: list[Section] = [Bullets(lines=shown)] if shown else []
    return Message(text=f"{head}.", title=say(head), sections=(*sections, Context(line=hint)))


def host(
    spec: HostSpec,
    settings: Settings,
    observation: Observation | None,
    open_alerts: Sequence[Alert],
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> Message:
    """Return one host: its services, its machine, its alerts."""
    brief = readings.brief(observation, now=now)
    sections: list[Section] = []
    if observation is None:
        sections.append(
            Paragraph(line=say("I have not asked it yet. ", code(f"/hang probe {spec.name}"), " asks now."))
        )
    elif observation.outcome is not ProbeOutcome.OK:
        sections.append(Paragraph(line=readings.trouble(observation)))
    else:
        lines = (
            *(readings.service(name, reading) for name, reading in observation.services.items()),
            *(readings.check(name, reading) for name, reading in observation.checks.items()),
        )
        sections += [Bullets(lines=lines)] if lines else []
        sections.append(Paragraph(line=readings.machine(observation.metrics)))
    mine = [alert for alert in open_alerts if alert.target.host == spec.name and alert.status in FIRING]
    sections += _alert_lines(
        mine, [one for one in silences if fnmatchcase(spec.name, one.host or "*")], settings, now=now
    )
    if observation:
        sections.append(Context(line=say(f"seen {span(now - observation.at)} ago")))
    title = say(f"{readings.worst(observation, now=now)} ", bold(spec.name), f": {brief}")
    return Message(text=f"{spec.name}: {brief}", title=title, sections=tuple(sections))


def hosts(settings: Settings) -> Message:
    """Return what is watched, and how each host is reached."""
    lines = []
    for spec in settings.fleet.hosts.values():
        where = (
            "this machine" if spec.transport is Transport.LOCAL else f"{spec.user}@{spec.address}:{spec.port}"
        )
        on_it = f": {', '.join(spec.services)}" if spec.services else ""
        lines.append(say(bold(spec.name), on_it, "  ", code(where)))
    head = f"I watch {len(lines)} host{'s' if len(lines) != 1 else ''}"
    return Message(
        text=f"{head}: {', '.join(settings.fleet.hosts)}",
        title=say(head),
        sections=(Bullets(lines=_capped(lines)),),
    )


def alerts(
    open_alerts: Sequence[Alert], silences: Sequence[Silence], settings: Settings, *, now: datetime
) -> Message:
    """Return what fires and what is silenced."""
    firing = [alert for alert in open_alerts if alert.status in FIRING]
    told = [alert for alert in firing if alert.told]
    head = f"{len(told)} alert{'s' if len(told) != 1 else ''} firing" if told else "Nothing fires"
    sections = _alert_lines(firing, silences, settings, now=now)
    return Message(text=f"{head}.", title=say(head), sections=tuple(sections))


def home(
    settings: Settings, observations: Observations, open_alerts: Sequence[Alert], *, now: datetime
) -> Message:
    """Return the App Home: a line per host."""
    since = {
        alert.target.host: alert.since
        for alert in open_alerts
        if alert.status in FIRING and alert.told and alert.since
    }
    lines = []
    for name in list(settings.fleet.hosts)[:MOST_LINES]:
        observation = observations.get(name)
        started = since.get(name)
        length = f" {span(now - started)}" if started else ""
        text = (
            f"{readings.worst(observation, now=now)} {name} · {readings.brief(observation, now=now)}{length}"
        )
        lines.append(Paragraph(line=say(text)))
    return Message(text="hosts", sections=tuple(lines))


def _host_line(name: str, observation: Observation | None, *, now: datetime) -> Line:
    return say(
        f"{readings.worst(observation, now=now)} ", bold(name), f"  {readings.brief(observation, now=now)}"
    )


def _alert_lines(
    firing: Sequence[Alert], silences: Sequence[Silence], settings: Settings, *, now: datetime
) -> list[Section]:
    sections: list[Section] = []
    told = [alert for alert in firing if alert.told]
    kept = [alert for alert in firing if not alert.told]
    if told:
        sections.append(Bullets(lines=_capped(_told_lines(told, settings, now=now))))
    if kept:
        lines = [
            (*alert_brief(alert, now=now, zone=settings.timezone), *say(italic(" (kept, not told)")))
            for alert in kept
        ]
        sections.append(Bullets(lines=_capped(lines)))
    if silences:
        lines = [
            say(bold(covered(one)), " ")
            + held_back(one, now=now, zone=settings.timezone)
            + say("  ", code(one.id))
            for one in silences
        ]
        sections.append(Bullets(lines=_capped(lines)))
    return sections


def _told_lines(told: Sequence[Alert], settings: Settings, *, now: datetime) -> list[Line]:
    """Return a line for each message that tells of alerts: what is told in a group is one."""
    zone = settings.timezone
    by_message: dict[str, list[Alert]] = {}
    for alert in told:
        by_message.setdefault(alert.group or alert.id, []).append(alert)
    return [
        (
            *(
                group_brief(alerts, now=now, zone=zone)
                if alerts[1:]
                else alert_brief(alerts[0], now=now, zone=zone)
            ),
            *say("  ", code(name)),
        )
        for name, alerts in by_message.items()
    ]


def _capped(lines: Sequence[Line]) -> tuple[Line, ...]:
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[:MOST_LINES], say(f"… and {len(lines) - MOST_LINES} more"))
