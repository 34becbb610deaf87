"""`incident open TITLE`, `incident resolve [INC] [TEXT]`, `incident list`; an alert's button opens, an incident's resolves."""

from bot.domain.alerts import Alert
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.incidents import Incident
from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.flows import incidents, which
from bot.ports import Services
from handlers.incident_words import taken_from

USAGE = "/hang incident open TITLE"
RESOLVE_USAGE = "/hang incident resolve INC-12 [TEXT]"
OPEN, RESOLVE, LIST = ("open", "new", "start"), ("resolve", "close", "end"), ("list", "ls")


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.via is Via.BUTTON:
        return _pressed(invocation, services)
    resolves = invocation.verb == "resolve"
    sub = "resolve" if resolves else invocation.args[0].lower() if invocation.args else ""
    rest = list(invocation.args if resolves else invocation.args[1:])
    if sub in OPEN:
        return _open(rest, invocation, services)
    if sub in RESOLVE:
        return _resolve(rest, invocation, services)
    if sub in LIST:
        return Reply(message=incidents.listed(services), audience=Audience.CHANNEL)
    raise BadArgument("incident_what", word=sub, usage=USAGE)


def _pressed(invocation: Invocation, services: Services) -> Reply:
    """Open for the alert, or resolve the incident, whose message the button stands on."""
    word = invocation.args[0] if invocation.args else ""
    if invocation.verb == "resolve":
        incident = services.store.incident(word)
        if incident is None:
            raise UnknownName(kind="incident", word=word)
        return Reply(message=incidents.resolve(services, actor=invocation.actor, incident=incident))
    alert = services.store.alert(word)
    if alert is None:
        raise UnknownName(kind="alert", word=word)
    return Reply(message=incidents.open_incident(services, actor=invocation.actor, alert=alert))


def _open(rest: list[str], invocation: Invocation, services: Services) -> Reply:
    another = bool(rest) and rest[0].lower() == "another" and len(rest) > 1
    about = which.of_thread(invocation, services)
    message = incidents.open_incident(
        services,
        actor=invocation.actor,
        title=" ".join(rest[1:] if another else rest),
        alert=about if isinstance(about, Alert) else None,
        another=another,
    )
    return Reply(message=message)


def _resolve(rest: list[str], invocation: Invocation, services: Services) -> Reply:
    incident: Incident = taken_from(rest, services, text_follows=True) or which.open_incident_meant(
        invocation, services, usage=RESOLVE_USAGE
    )
    message = incidents.resolve(services, actor=invocation.actor, incident=incident, text=" ".join(rest))
    return Reply(message=message)
