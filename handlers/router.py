"""From an invocation to the reply: which verb, who may, the handler, and what is refused in words."""

from difflib import get_close_matches

from bot.domain.access import authorize
from bot.domain.audit import AuditEntry
from bot.domain.errors import NotAllowed, NotYetBuilt, Refusal, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.ports import Services
from bot.present import refusals
from handlers import HANDLERS, unbuilt

ALIASES = {
    "?": "help",
    "acknowledge": "ack",
    "mute": "silence",
    "unmute": "unsilence",
    "host": "status",
    "resolve": "incident",
    "other_time": "review",
}


def answer(invocation: Invocation, services: Services) -> Reply:
    """Answer whatever was typed or pressed. Never raises a Refusal: it becomes words for the person who asked."""
    verb = ALIASES.get(invocation.verb, invocation.verb) or "help"
    try:
        if verb in unbuilt.VERBS:
            authorize(invocation.actor, verb, policy=services.settings.access, place=invocation.place)
            raise unbuilt.refusal(verb)
        handler = HANDLERS.get(verb)
        if handler is None:
            raise UnknownName(kind="verb", word=verb, nearest=_nearest(verb), known=tuple(HANDLERS))
        authorize(
            invocation.actor,
            verb,
            policy=services.settings.access,
            place=invocation.place,
            target=_meant(invocation, services),
        )
        return handler(invocation, services)
    except Refusal as refusal:
        if isinstance(refusal, NotAllowed):
            _note(refusal, invocation, services)
        names = {actor: actor for actor in getattr(refusal, "who", ())}
        refused = not isinstance(refusal, NotYetBuilt)
        typed = () if invocation.via is Via.BUTTON else (verb, *invocation.args)
        message = refusals.message(refusal, typed=typed, names=names, channel=services.settings.channel)
        return Reply(message=message, refused=refused, refusal=refusal)


def _meant(invocation: Invocation, services: Services) -> str:
    """Name what is meant, for a refusal; a button carries an alert's id, which says nothing to a person."""
    words = " ".join(invocation.args[:2])
    alert = services.store.alert(words.rpartition("|")[2]) if invocation.via is Via.BUTTON else None
    return str(alert.target) if alert else words


def _nearest(verb: str) -> tuple[str, ...]:
    """Return the verbs that a half-typed or mistyped one may mean, best first."""
    every = (*HANDLERS, *unbuilt.VERBS)
    begun = [known for known in every if len(verb) >= 2 and known.startswith(verb)]
    return tuple(dict.fromkeys([*begun, *get_close_matches(verb, every, n=2, cutoff=0.6)]))


def _note(refusal: NotAllowed, invocation: Invocation, services: Services) -> None:
    entry = AuditEntry(
        id=services.ids.new("aud"),
        at=services.clock.now(),
        actor=invocation.actor.id,
        verb=refusal.verb,
        target=refusal.target,
        outcome=f"refused: {refusal.reason}",
    )
    services.store.commit(audit=[entry])
