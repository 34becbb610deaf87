"""`silence HOST[/SERVICE] 2h [REASON]`, in any order; or an alert's menu."""

from dataclasses import dataclass

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.flows import respond
from bot.ports import Services
from handlers.arguments import duration_s

USAGE = "/hang silence HOST[/SERVICE] 2h [REASON]"
MORNING = "tomorrow"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be silenced; `span` a duration, or MORNING."""

    host: str
    service: str | None
    span: str
    reason: str = ""


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.via is Via.BUTTON:
        span, _, alert_id = (invocation.args[0] if invocation.args else "").partition("|")
        alert = services.store.alert(alert_id)
        if alert is None:
            raise UnknownName(kind="alert", word=alert_id)
        wish = Wish(host=alert.target.host, service=alert.target.service, span=span)
    else:
        wish = _read(invocation.args, services)
    seconds = duration_s(wish.span)
    until = (
        respond.next_morning(services.clock.now(), services.settings.timezone)
        if wish.span == MORNING
        else None
    )
    if seconds is None and until is None:
        raise BadArgument("missing_duration", usage=USAGE)
    message = respond.silence(
        services,
        actor=invocation.actor,
        host=wish.host,
        service=wish.service,
        seconds=seconds,
        until=until,
        reason=wish.reason,
    )
    return Reply(message=message, audience=Audience.CHANNEL)


def _read(args: tuple[str, ...], services: Services) -> Wish:
    """Take the first word that is a duration and the first that names a host; the rest is the reason."""
    rest = list(args)
    span = _span(rest)
    if not rest:
        raise BadArgument("missing_host", usage=USAGE)
    fleet = services.settings.fleet
    known = {name.lower() for name in fleet.hosts}
    place = next((word for word in rest if word.partition("/")[0].lower() in known), rest[0])
    rest.remove(place)
    host = fleet.host(place.partition("/")[0])
    named = place.partition("/")[2]
    if not named and rest and rest[0].lower() in (name.lower() for name in host.services):
        named = rest.pop(0)
    service = fleet.service_on(host, named).name if named else None
    return Wish(host=host.name, service=service, span=span, reason=" ".join(rest))


def _span(rest: list[str]) -> str:
    """Take `2h`, or `until tomorrow 9:00`, out of the words; an empty text where there is none."""
    lowered = [word.lower() for word in rest]
    if "until" in lowered:
        at = lowered.index("until")
        if lowered[at + 1 : at + 2] == ["tomorrow"]:
            del rest[at : at + 2 + (lowered[at + 2 : at + 3] in (["9:00"], ["09:00"], ["9"], ["9am"]))]
            return MORNING
    for at in range(len(rest)):
        for count in (1, 2):  # `2h`, or `2 hours`
            joined = "".join(rest[at : at + count])
            if duration_s(joined) is not None:
                del rest[at - 1 if at and lowered[at - 1] == "for" else at : at + count]
                return joined
    return ""
