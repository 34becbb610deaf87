"""Who is told and how, from parts to the domain."""

from collections.abc import Mapping

from bot.config.document import Document
from bot.config.faults import nearest
from bot.config.model import ConfigFile
from bot.domain.alerts import Severity
from bot.domain.heartbeats import ELSEWHERE, HeartbeatSpec
from bot.domain.routes import DEFAULT, MailServer, OnCall, Paging, Route, Step
from bot.domain.rule import NOTIFY, Telling
from bot.domain.settings import Deadman


def teams_of(parts: ConfigFile) -> dict[str, OnCall]:
    """Return who is on call, by the name of their team."""
    return {
        name: OnCall(users=tuple(one.users), usergroup=one.usergroup or "", ical=one.ical or "")
        for name, one in parts.oncall.items()
    }


def routes_of(document: Document, parts: ConfigFile) -> tuple[Route, ...]:
    """Return the routes in the order of the config. Raises ConfigFault for a team that nobody is in."""
    found = []
    for index, one in enumerate(parts.routes):
        if one.oncall is not None and one.oncall not in parts.oncall:
            problem = f"nobody is called `{one.oncall}` under `oncall`"
            raise document.fault(
                ("routes", index, "oncall"), problem, nearest(one.oncall, parts.oncall, "oncall")
            )
        if one.channel is None and one.oncall is None:
            problem = "it matches alerts and sends them nowhere"
            raise document.fault(("routes", index), problem, "add `channel:` or `oncall:`")
        found.append(Route(match=one.match, channel=one.channel or "", oncall=one.oncall or DEFAULT))
    return tuple(found)


def notify_of(parts: ConfigFile) -> dict[Severity, tuple[Telling, ...]]:
    """Return how each severity is told; as built in where the config does not say."""
    given = {severity: getattr(parts.notify, severity.value) for severity in Severity}
    return {severity: tuple(given[severity] or NOTIFY[severity]) for severity in Severity}


def paging_of(document: Document, parts: ConfigFile) -> Paging:
    """Return the ways to page. Raises ConfigFault for mail without a server that takes it."""
    page = parts.page
    if page.smtp and parts.calendar.smtp is None:
        remedy = "add `calendar: {smtp: {host: mail.example.org}}`"
        raise document.fault(("page", "smtp"), "there is no mail server that takes it", remedy)
    return Paging(pagerduty=page.pagerduty, webhook=page.webhook or "", smtp=tuple(page.smtp))


def mail_of(parts: ConfigFile) -> MailServer | None:
    smtp = parts.calendar.smtp
    if smtp is None:
        return None
    return MailServer(host=smtp.host, port=smtp.port, sender=smtp.from_ or "", user=smtp.user or "")


def steps_of(parts: ConfigFile) -> tuple[Step, ...]:
    return tuple(Step(after_s=one.after, to=one.to) for one in parts.escalate)


def heartbeats_of(
    document: Document, parts: ConfigFile, hosts: Mapping[str, object]
) -> tuple[HeartbeatSpec, ...]:
    """Return the jobs that report by themselves. Raises ConfigFault for a host that nobody knows."""
    found = []
    for name, one in parts.heartbeats.items():
        if one.host is not None and one.host not in hosts:
            problem = f"there is no host `{one.host}`"
            raise document.fault(("heartbeats", name, "host"), problem, nearest(one.host, hosts, "hosts"))
        found.append(
            HeartbeatSpec(
                name=name,
                every_s=one.every,
                grace_s=one.grace,
                host=one.host or ELSEWHERE,
                severity=one.severity,
            )
        )
    return tuple(found)


def deadman_of(parts: ConfigFile) -> Deadman | None:
    return Deadman(url=parts.deadman.url, every_s=parts.deadman.every) if parts.deadman else None
