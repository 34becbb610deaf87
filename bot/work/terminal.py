"""An act that somebody at a terminal waits for: its jobs are done here, or by the bot that runs beside, whoever claims them."""

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.actions import Action, ActionStatus
from bot.domain.invocations import Actor, Invocation
from bot.domain.jobs import JobStatus
from bot.domain.targets import Target
from bot.flows import remediate
from bot.ports import Services
from bot.work.inline import Jobs

PATIENCE_S = 420.0
"""Longer than the command, a service's start and all looks together may take."""
EVERY_S = 0.1
CATCHES_UP_WITHIN_S = 20.0
PASSES = (ActionStatus.PREPARING, ActionStatus.APPROVED, ActionStatus.SENT)


def catch_up(services: Services) -> None:
    """Without a bot beside, take acts on that were begun here: nobody else watches them, or ends what has expired."""
    if is_watched_over(services):
        return
    began = services.clock.now()
    behind = [one.id for one in services.store.actions(unfinished=True)]
    jobs, end = Jobs(services, worker=_worker()), services.clock.monotonic() + CATCHES_UP_WITHIN_S
    try:
        while services.clock.monotonic() < end:
            behind = [one for one in behind if not _is_level(one, services, began)]
            if not behind:
                return
            jobs.tick()
            time.sleep(EVERY_S)
    finally:
        jobs.stop()


def _is_level(action_id: str, services: Services, began: datetime) -> bool:
    """Return whether the act is over, waits for a person, or was looked at since and nothing bad was seen."""
    action = services.store.action(action_id)
    if action is None or action.over:
        return True
    if action.status is ActionStatus.PROPOSED:
        return services.clock.now() < action.expires_at
    job = services.store.job(action.job)
    queued = job is not None and job.status is JobStatus.QUEUED
    return queued and not action.bad_looks and action.updated_at > began


def restart(
    services: Services, *, target: Target, invocation: Invocation, yes: bool, told: Callable[[str], None]
) -> Action:
    """Store the evidence and plan; with `yes`, also say yes, and wait until it is verified, or known to have failed.

    Without `yes` the question is withdrawn. Raises a Refusal where it is not done at all.
    """
    catch_up(services)
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
    jobs, end = Jobs(services, worker=_worker()), services.clock.monotonic() + PATIENCE_S
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


def _worker() -> str:
    return f"terminal:{os.getpid()}"


def is_watched_over(services: Services) -> bool:
    """Return whether a bot runs on this database, as fresh observations tell: it goes on watching."""
    policy, now = services.settings.probes, services.clock.now()
    within = timedelta(seconds=3 * policy.interval_s + 10)
    return any(now - one.at < within for one in services.store.observations().values())
