"""Who may do what: one policy for every way in."""

from bot.domain.errors import NotAllowed
from bot.domain.invocations import Actor
from bot.domain.settings import AccessPolicy

LOOKING = frozenset(
    ("help", "status", "hosts", "inspect", "dump", "top", "logs", "history", "probe", "alerts", "timeline", "report", "who",
     "doctor", "diff")
)  # fmt: skip
TAKING_PART = frozenset(("ack", "note", "review"))
ACTING = frozenset(("silence", "unsilence", "restart", "run", "incident"))


def is_operator(actor: Actor, policy: AccessPolicy) -> bool:
    """Return whether the actor is an operator: named, of a named group, or a person on the bot's own machine."""
    return actor.local or actor.id in policy.operators or bool(actor.groups.intersection(policy.operators))


def authorize(actor: Actor, verb: str, *, policy: AccessPolicy, target: str = "") -> None:
    """Raise NotAllowed unless the actor may use the verb. A verb that nobody listed is for operators."""
    if verb in LOOKING or verb in TAKING_PART:
        if actor.member or actor.local:
            return
        raise NotAllowed(verb=verb, target=target, reason="not_a_member")
    if is_operator(actor, policy):
        return
    raise NotAllowed(verb=verb, target=target, reason="not_an_operator", who=policy.operators)
