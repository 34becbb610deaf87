"""The config as we understood it, for `hangbot check`."""

import re
from collections.abc import Iterator, Mapping

from bot.domain.alerts import Severity
from bot.domain.checks import CheckSpec
from bot.domain.heartbeats import ELSEWHERE, HeartbeatSpec
from bot.domain.routes import DEFAULT
from bot.domain.rules import Rule, Telling
from bot.domain.settings import ReviewPolicy, Settings
from bot.domain.targets import HostSpec, ServiceSpec, Transport

MEANS = {
    "service_silent": "its processes live, and no answer in time, refused or 5xx",
    "port_silent": "at a port of no service, a connection waits to be accepted in two rounds",
    "check_failed": "a check of the config says warning or critical",
    "front_silent": "it answers on its host, and not at its front",
    "service_down": "no process, or its unit is not active",
    "host_unreachable": "no sample comes through SSH",
    "disk_full": "less than 3 % and less than 10 GiB left",
}
"""Built-in rules that are not an expression."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MODES = {
    "socket": "Socket Mode: the bot calls Slack",
    "http": "HTTP mode: Slack calls the bot at /slack/events, see `hangbot run --http`",
}


def describe(settings: Settings) -> str:
    """Return the understood config as lines of text; warnings last."""
    probes = settings.probes
    rhythm = f"every {_span(probes.interval_s)}, a first failure again after {_span(probes.retry_s)}"
    return "\n".join(
        (
            f"channel    {settings.channel or 'none: needed by `hangbot run`'}",
            f"slack      {MODES[settings.mode]}",
            f"database   {_without_password(settings.database)}",
            f"timezone   {settings.timezone.key}",
            f"probes     {rhythm if probes.enabled else 'off'}",
            f"inspect    {'by itself' if settings.inspect.auto else 'when asked'}, upload of the sampler: {settings.inspect.upload}",
            f"operators  {', '.join(settings.access.operators) or 'none: nobody may silence or restart'}",
            *_people(settings),
            f"reviews    {_reviews(settings.review)}",
            "hosts",
            *(f"  {_host(host)}" for host in settings.fleet.hosts.values()),
            "services",
            *(f"  {_service(service)}" for service in settings.fleet.services.values()),
            *(("checks", *(f"  {_check(check)}" for check in settings.checks)) if settings.checks else ()),
            *(f"heartbeat  {_heartbeat(one)}" for one in settings.heartbeats),
            "rules",
            *(f"  {_rule(rule, settings.notify)}" for rule in settings.rules),
            *(f"warning: {warning}" for warning in settings.warnings),
        )
    )


def _people(settings: Settings) -> Iterator[str]:
    """Who is told, as far as the config says it."""
    if not settings.teams:
        yield "on call    nobody: alerts mention no one"
    for name, team in settings.teams.items():
        who = ", ".join((*team.ids, *((f"whoever {team.ical} names",) if team.ical else ())))
        yield f"on call    {name}: {who or 'nobody'}"
    for route in settings.routes:
        match = ", ".join(f"{key} {value}" for key, value in route.match.items()) or "everything"
        yield f"route      {match}: to {route.channel or settings.channel}, on call {route.oncall or DEFAULT}"
    told = (f"{severity} {', '.join(ways)}" for severity, ways in settings.notify.items())
    yield f"told       {'; '.join(told)}"
    paging = settings.paging
    named = {"pagerduty": "PagerDuty", "webhook": paging.webhook, "smtp": f"mail to {', '.join(paging.smtp)}"}
    paths = ", ".join(named[path] for path in paging.paths)
    yield f"page       {paths or 'no way to: Slack alone wakes nobody'}"
    for step in settings.escalate:
        yield f"escalate   unacknowledged for {_span(step.after_s)}: {step.to}"
    deadman = settings.deadman
    yield f"deadman    {f'{deadman.url} every {_span(deadman.every_s)}' if deadman else 'none: nobody hears it when the bot dies'}"


def _reviews(policy: ReviewPolicy) -> str:
    days = ", ".join(DAYS[day] for day in sorted(policy.days))
    told = ", ".join(_span(seconds) for seconds in sorted(policy.remind_s, reverse=True))
    return (
        f"{policy.minutes} min within {_span(policy.within_s)}, {policy.opens:%H:%M}-{policy.closes:%H:%M} on {days}; "
        f"{f'reminders {told} before' if told else 'no reminders'}; {'with' if policy.ics else 'without'} an .ics file"
    )


def _without_password(url: str) -> str:
    """HANGBOT_DATABASE_URL may hold one, before the host or among the parameters."""
    return re.sub(r"(://[^/@:]*):[^/]*@", r"\1:…@", url).partition("?")[0]


def _host(host: HostSpec) -> str:
    where = "this machine" if host.transport is Transport.LOCAL else f"{host.user}@{host.address}:{host.port}"
    where += "".join(f", through {jump.name}" for jump in host.jumps)
    where += ", through a ProxyCommand" if host.proxy_command else ""
    return f"{host.name}: {where}" + (f", services {', '.join(host.services)}" if host.services else "")


def _service(service: ServiceSpec) -> str:
    found = (
        f"unit {service.unit}" if service.unit else "",
        f"processes with `{service.process}`" if service.process else "",
        f"GET {service.http.url} within {_span(service.http.timeout_s)}" if service.http else "",
        f"as users come in: GET {service.front.url} from {service.front.source}" if service.front else "",
    )
    return f"{service.name}: {', '.join(filter(None, found))}"


def _heartbeat(one: HeartbeatSpec) -> str:
    on = f" on {one.host}" if one.host != ELSEWHERE else ""
    return f"{one.name}{on}: every {_span(one.every_s)}, {_span(one.grace_s)} of grace; POST /heartbeat/{one.name}"


def _check(check: CheckSpec) -> str:
    asked = " ".join(check.argv) if check.argv else check.target
    return f"{check.name}: {check.kind} {asked}, on {', '.join(check.hosts)}, every {_span(check.every_s)}"


def _rule(rule: Rule, notify: Mapping[Severity, tuple[Telling, ...]]) -> str:
    labels = ", ".join(f"{key}={value}" for key, value in rule.match.items())
    where = (f" on {rule.host}" if rule.host else "", f" for {rule.service}" if rule.service else "")
    scope = "".join((*where, f" where {labels}" if labels else ""))
    when = f" when {rule.when}" if rule.when else f" {MEANS.get(rule.name, '')}"
    if rule.until:
        when += f", until {rule.until},"
    otherwise = f" (where that cannot be read: {rule.otherwise})" if rule.otherwise else ""
    often = f", {rule.attempts} rounds in a row and" if rule.attempts > 1 else ""
    if rule.of is not None:
        often = f", {rule.of[0]} of the last {rule.of[1]} rounds and"
    shown = f"{rule.name}{scope}:{when}{otherwise}{often} for {_span(rule.for_s)}"
    if rule.keep_firing_s:
        shown += f", good for {_span(rule.keep_firing_s)} to be over"
    for begins, ends in rule.windows:
        shown += f", except {begins:%H:%M}-{ends:%H:%M}"
    if rule.runbook:
        shown += f", runbook {rule.runbook}"
    if rule.shadow:
        return f"{shown}; {rule.severity}, in shadow: judged and counted, told to nobody"
    return f"{shown}; {rule.severity}, told: {', '.join(rule.telling(rule.severity, notify))}"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
