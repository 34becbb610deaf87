"""An act that somebody at a terminal waits for: its jobs are done here, or by the bot that runs beside, whoever claims them."""

import os
import time
from collections.abc import Callable
from datetime import timedelta

from bot.domain.actions import Action, ActionStatus
from bot.domain.invocations import Actor, Invocation
from bot.domain.targets import Target
from bot.flows import remediate
from bot.ports import Services
from bot.work.inline import Jobs

PATIENCE_S = 420.0
"""Longer than the command, a service's start and all looks together may take."""
EVERY_S = 0.1
PASSES = (ActionStatus.PREPARING, ActionStatus.APPROVED, ActionStatus.SENT)


def restart(
    services: Services, *, target: Target, invocation: Invocation, yes: bool, told: Callable[[str], None]
) -> Action:
    """Store the evidence and plan; with `yes`, also say yes, and wait until it is verified, or known to have failed.

    Without `yes` the question is withdrawn. Raises a Refusal where it is not done at all.
    """
    told("storing the evidence")
    wish = remediate.ask(services, target=target, invocation=invocation)
    action = rest(services, wish.id)
    if action.status is not ActionStatus.PROPOSED:
        return action
    if not yes:
        remediate.cancel(services, actor=invocation.actor, action_id=action.id)
        return action
    told("restarting")
    return agree(services, action, invocation.actor)


def agree(services: Services, action: Action, actor: Actor) -> Action:
    remediate.confirm(services, actor=actor, action_id=action.id)
    return rest(services, action.id)


def rest(services: Services, action_id: str) -> Action:
    """Do what is due, or wait for whoever does it, until the act waits for a person, is watched, is over or in doubt."""
    jobs, end = Jobs(services, worker=f"terminal:{os.getpid()}"), services.clock.monotonic() + PATIENCE_S
    try:
        while True:
            jobs.tick()
            action = services.store.action(action_id)
            assert action is not None
            passing = action.status in PASSES and action.unsure_at is None
            if not passing or services.clock.monotonic() > end:
                return action
            time.sleep(EVERY_S)
    finally:
        jobs.stop()


def is_watched_over(services: Services) -> bool:
    """Return whether a bot runs on this database, as fresh observations tell: it goes on watching."""
    policy, now = services.settings.probes, services.clock.now()
    within = timedelta(seconds=3 * policy.interval_s + 10)
    return any(now - one.at < within for one in services.store.observations().values())
