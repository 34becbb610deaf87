"""What a person at a terminal has done: a restart, and a chat line with the work that it starts."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.app.looking import dump_text, inspection_text, refusal_text
from bot.app.parts import Start, account, services
from bot.chat import console
from bot.config.secrets import secret
from bot.domain.actions import Action, ActionStatus
from bot.domain.audit import AuditEntry
from bot.domain.errors import Refusal
from bot.domain.invocations import Actor, Invocation, Via
from bot.domain.jobs import JobKind, JobStatus
from bot.domain.settings import Settings
from bot.flows import compared, inspect
from bot.ports import People, Services
from bot.present import action as action_words
from bot.work import terminal
from bot.work.inline import Jobs
from handlers import router
from handlers.arguments import parse

JOB_PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Acted:
    """What became of a restart: as a document, in words, and whether a bot runs that goes on watching."""

    document: dict[str, Any]
    text: str
    outcome: str
    planned: bool
    watched_over: bool


def restart_now(
    start: Start, host: str, service: str, *, yes: bool, progress: Callable[[str], None]
) -> Acted:
    """Restart for a person at this terminal, or only plan it. Raises a Refusal where that cannot be."""
    settings = start.settings()
    spec = settings.fleet.host(host)
    here = f"local:{account()}"
    with services(start, settings) as built:
        target = inspect.meant(built, spec, service, pid=None)
        invocation = Invocation(
            id=built.ids.new("cli"),
            actor=Actor(id=here, name=here, member=True, local=True),
            verb="restart",
            args=(host, service),
            text=f"hangbot restart {target.host} {target.service}",
            via=Via.CONSOLE,
            at=built.clock.now(),
        )
        action = terminal.restart(built, target=target, invocation=invocation, yes=yes, told=progress)
        return Acted(
            document=action_words.document(action),
            text=_action_text(built, action),
            outcome=action_words.outcome(action),
            planned=action.status is ActionStatus.PROPOSED,
            watched_over=terminal.is_watched_over(built),
        )


def _action_text(built: Services, action: Action) -> str:
    shown = action_words.message(action, now=built.clock.now(), zone=built.settings.timezone)
    return console.render(shown)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a chat line was answered. `refusal`: why it was not done, None where it was."""

    text: str
    refusal: Refusal | None = None


def say(start: Start, line: str, *, user: str | None, channel: str) -> Said:
    """Put one chat line through the handlers; wait for the work it starts, and return the answer as text."""
    settings = start.settings()
    here = f"local:{account()}"
    actor = (
        Actor(id=user, name=user, member=True) if user else Actor(id=here, name=here, member=True, local=True)
    )
    try:
        verb, args = parse(line)
    except Refusal as refusal:
        return Said(text=refusal_text(refusal), refusal=refusal)
    people = _directory(start, settings) if verb == "review" else None
    with services(start, settings, people=people) as built:
        now = built.clock.now()
        invocation = Invocation(
            id=built.ids.new("say"),
            actor=actor,
            verb=verb,
            args=args,
            text=line,
            channel=channel,
            via=Via.CONSOLE,
            at=now,
        )
        entry = AuditEntry(
            id=built.ids.new("aud"),
            at=now,
            actor=here,
            on_behalf_of=user or "",
            verb=verb or "help",
            target=" ".join(args),
        )
        built.store.commit(audit=[entry])
        terminal.catch_up(built)
        reply = router.answer(invocation, built)
        parts = [console.render(reply.message)] if reply.message else []
        parts += [_result(built, job) for job in reply.jobs]
        parts += _compared(built, reply.jobs)
    return Said(text="\n".join(parts), refusal=reply.refusal)


def _compared(built: Services, jobs: tuple[str, ...]) -> list[str]:
    """Return what differs between the hosts that were looked at together."""
    job = built.store.job(jobs[-1]) if jobs else None
    message = compared.message_of(job, built) if job is not None and compared.is_part(job) else None
    return [console.render(message)] if message else []


def _directory(start: Start, settings: Settings) -> People | None:
    """Return who is who in the chat, where its token is at hand."""
    token = secret("SLACK_BOT_TOKEN", start.environ)
    if not token:
        return None
    from bot.chat.slack.edge import directory  # noqa: PLC0415 — 0.4 s that only a review needs
    from bot.chat.slack.tokens import Tokens  # noqa: PLC0415

    return directory(Tokens(bot=token, api_url=start.environ.get("SLACK_API_URL") or None), settings)


def _result(built: Services, job_id: str) -> str:
    """Do a job that nobody else has taken, or wait for whoever did; return its result in words."""
    waited = built.store.job(job_id)
    if waited is not None and waited.kind is JobKind.ACT:
        action = terminal.rest(built, str(waited.payload["action"]))
        asks = action.status is ActionStatus.PROPOSED
        more = f"\nTo say yes: {action_words.how_to_confirm(action)}" if asks else ""
        return _action_text(built, action) + more
    worker, end = f"say:{os.getpid()}", built.clock.monotonic() + JOB_PATIENCE_S
    jobs = Jobs(built, worker=worker)
    try:
        while built.clock.monotonic() < end:
            jobs.tick()
            job = built.store.job(job_id)
            if job is not None and job.status in (JobStatus.DONE, JobStatus.FAILED):
                found = built.store.inspection(job.result)
                show = dump_text if job.payload.get("dump") else inspection_text
                return show(found) if found else "It failed; the log says why."
            time.sleep(0.1)
    finally:
        jobs.stop()
    return "It takes longer than a minute; ask again with the same line."
