"""`silence HOST[/SERVICE] 2h [REASON]`, in any order; `web*`, a service, a rule or `team=pay` in its place; or an alert's menu."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bot.domain.builtin_rules import BUILTIN
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.flows import compare, respond
from bot.flows.respond import Scope
from bot.ports import Services
from handlers.arguments import duration_s

USAGE = "/hang silence HOST[/SERVICE] 2h [REASON]"
MORNING = "tomorrow"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be silenced; `span` a duration, or MORNING."""

    scope: Scope
    span: str
    reason: str = ""


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.via is Via.BUTTON:
        span, _, alert_id = (invocation.args[0] if invocation.args else "").partition("|")
        wish = Wish(scope=_pressed(alert_id, services), span=span)
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
        scope=wish.scope,
        seconds=seconds,
        until=until,
        reason=wish.reason,
    )
    return Reply(message=message, audience=Audience.CHANNEL)


def _read(args: tuple[str, ...], services: Services) -> Wish:
    """Take the first word that is a duration and the first that names what is meant; the rest is the reason."""
    rest = list(args)
    span = _span(rest)
    if not rest:
        raise BadArgument("missing_host", usage=USAGE)
    found = next(
        (
            (word, scope)
            for read in (_by_host, _by_kind)  # what names a host goes before what else a reason may hold
            for word in rest
            if (scope := read(word, services)) is not None
        ),
        (rest[0], None),
    )
    place, scope = found
    rest.remove(place)
    if scope is None:
        scope = Scope(
            host=services.settings.fleet.host(place.partition("/")[0]).name
        )  # raises, with the nearest
    if scope.host in services.settings.fleet.hosts and scope.service is None and rest:
        spec = services.settings.fleet.hosts[scope.host]
        if rest[0].lower() in (name.lower() for name in spec.services):
            scope = replace(scope, service=services.settings.fleet.service_on(spec, rest.pop(0)).name)
    return Wish(scope=scope, span=span, reason=" ".join(rest))


def _by_host(word: str, services: Services) -> Scope | None:
    """Return what a word names by its hosts: `web1`, `web1/shop`, `web*`, `*/shop`."""
    fleet, (left, _, named) = services.settings.fleet, word.partition("/")
    hosts = {name.lower(): name for name in fleet.hosts}
    if left.lower() in hosts:
        spec = fleet.hosts[hosts[left.lower()]]
        return Scope(host=spec.name, service=fleet.service_on(spec, named).name if named else None)
    if not compare.is_pattern(left) or not any(fnmatchcase(name, left) for name in fleet.hosts):
        return None
    services_by_name = {name.lower(): name for name in fleet.services}
    if named and named.lower() not in services_by_name:
        raise UnknownName(kind="service", word=named, known=tuple(fleet.services))
    service = services_by_name[named.lower()] if named else None
    return Scope(host="" if left == "*" and service else left, service=service)


def _by_kind(word: str, services: Services) -> Scope | None:
    """Return what a word names wherever it is: a service, a rule, or a label as `team=pay`."""
    settings = services.settings
    key, equals, value = word.partition("=")
    if (
        equals
        and key
        and value
        and any(settings.labels_of(name).get(key) == value for name in settings.fleet.hosts)
    ):
        return Scope(labels={key: value})
    service = next((name for name in settings.fleet.services if name.lower() == word.lower()), None)
    if service is not None:
        return Scope(service=service)
    rule = next((one.name for one in settings.rules or BUILTIN if one.name.lower() == word.lower()), None)
    return Scope(rule=rule) if rule is not None else None


def _pressed(word: str, services: Services) -> Scope:
    """Return what a menu is about: an alert's target, or all that a group is about."""
    if (group := services.store.group(word)) is not None:
        return Scope(rule=group.kind.rule, service=group.kind.service)
    alert = services.store.alert(word)
    if alert is None:
        raise UnknownName(kind="alert", word=word)
    return Scope(host=alert.target.host, service=alert.target.service)


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
