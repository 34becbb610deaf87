"""What each rule's trouble is called: in a title, on a lock screen, at its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from posixpath import basename
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert, Culprit
from bot.domain.diagnosis import Verdict
from bot.domain.messages import Line, When, code, say

GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`title` and `end` follow the target's name; `state` stands before `since`, `was` before `for 14 min`."""

    title: str
    state: str
    end: str
    was: str


TROUBLES: Mapping[str, Trouble] = {
    "silent": Trouble(title="does not answer", state="silent", end="answers again", was="silent"),
    "answers_partly": Trouble(
        title="answers only some of the time",
        state="degraded",
        end="answers every time again",
        was="degraded",
    ),
    "worker_stuck": Trouble(
        title="has a stuck worker", state="degraded", end="has all its workers again", was="degraded"
    ),
    "down": Trouble(title="is not running", state="down", end="runs again", was="down"),
    "port_silent": Trouble(
        title="accepts nothing at one of its ports",
        state="deaf at a port",
        end="accepts again",
        was="deaf at a port",
    ),
    "front_silent": Trouble(
        title="answers on its host, and not at its front",
        state="silent at its front",
        end="answers at its front again",
        was="silent at its front",
    ),
    "check_failed": Trouble(
        title="fails a check", state="failing a check", end="passes its checks again", was="failing a check"
    ),
    "unreachable": Trouble(
        title="cannot be reached", state="out of sight", end="can be seen again", was="out of sight"
    ),
    "timeout": Trouble(
        title="does not answer my SSH", state="out of sight", end="can be seen again", was="out of sight"
    ),
    "auth_failed": Trouble(
        title="refuses my login", state="refusing my login", end="lets me in again", was="refusing my login"
    ),
    "host_key_unknown": Trouble(
        title="shows a host key that nobody enrolled",
        state="unseen for want of an enrolled host key",
        end="shows an enrolled host key",
        was="without an enrolled host key",
    ),
    "host_key_changed": Trouble(
        title="shows another host key than the enrolled one",
        state="showing another host key",
        end="shows the enrolled host key again",
        was="showing another host key",
    ),
    "error": Trouble(
        title="gives no usable answer", state="out of sight", end="can be seen again", was="out of sight"
    ),
    "bot_isolated": Trouble(
        title="is cut off from most of its hosts, by its own network",
        state="cut off by its own network",
        end="sees its hosts again",
        was="cut off",
    ),
    "probe_stalled": Trouble(
        title="has not been looked at", state="unwatched", end="is looked at again", was="unwatched"
    ),
    "not_watched": Trouble(
        title="is no longer watched", state="no longer watched", end="is no longer watched", was="in trouble"
    ),
    "heartbeat_missed": Trouble(title="has not reported", state="overdue", end="has reported", was="overdue"),
    "heartbeat_failed": Trouble(
        title="reports that it failed", state="failing", end="reports that all went well", was="failing"
    ),
    "disk_full": Trouble(
        title="is running out of disk", state="short of disk", end="has disk again", was="short of disk"
    ),
    "load_high": Trouble(
        title="has more work than CPU", state="overloaded", end="keeps up again", was="overloaded"
    ),
    "memory_low": Trouble(
        title="is running out of memory",
        state="short of memory",
        end="has memory again",
        was="short of memory",
    ),
}
CAUSES: Mapping[str, str] = {
    "busy_loop": "an endless loop",
    "infinite_recursion": "endless recursion",
    "regex_backtracking": "a regular expression that never ends",
    "gc_thrash": "nothing but garbage collection",
    "gil_held": "native code that keeps the interpreter lock",
    "deadlock": "a deadlock",
    "orphan_lock": "a lock whose holder is gone",
    "fork_lock": "a lock held at the fork",
    "event_loop_blocked": "a synchronous call in the event loop",
    "async_deadlock": "coroutines that wait for each other",
    "pool_exhausted": "an exhausted pool",
    "queue_starved": "a queue that nobody feeds",
    "blocked_network": "waiting for a peer on the network",
    "blocked_dns": "waiting for the resolver",
    "blocked_subprocess": "waiting for a child process",
    "blocked_pipe": "waiting for a pipe",
    "blocked_file_lock": "waiting for a file lock",
    "blocked_database": "waiting for the database",
    "disk_wait": "waiting for the disk",
    "stopped": "stopped by a signal or a debugger",
    "memory_pressure": "out of memory, swapping",
    "cpu_starved": "not being let onto a CPU",
}
HTTP_PROBLEMS: Mapping[str, str] = {
    "timeout": "gets no answer in time",
    "refused": "is refused",
    "reset": "is cut off",
    "malformed": "gets something that is no HTTP",
}


def trouble(alert: Alert) -> Trouble:
    """Return the words for an alert's trouble, by its newest reason, else by its rule."""
    reason = alert.reasons[0].code if alert.reasons else ""
    for name in (reason, alert.rule):
        if name in TROUBLES:
            return TROUBLES[name]
    return Trouble(
        title=f"sets off {alert.rule}",
        state=f"in {alert.rule}",
        end=f"is over {alert.rule}",
        was=f"in {alert.rule}",
    )


# --- moments


def clock(at: datetime, *, now: datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    """Return a time of day; with its date where that is not today's."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    shown = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return shown if local.date() == today.date() else f"{local.day} {local:%b} {shown}"


def moment(at: datetime, *, now: datetime, zone: ZoneInfo, seconds: bool = False) -> When:
    today = at.astimezone(zone).date() == now.astimezone(zone).date()
    style = ("time_secs" if seconds else "time") if today else "date_time"
    return When(at=at, style=style, fallback=clock(at, now=now, zone=zone, seconds=seconds))  # type: ignore[arg-type]


def span(length: timedelta) -> str:
    """Return a length of time as people say it: `40 s`, `14 min`, `3 h 5 min`, `2 days`."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


# --- what an inspection found


def stuck(culprit: Culprit) -> tuple[str, Line]:
    """Return the label and the line that an inspection's headline adds to a card."""
    where = say(
        code(culprit.function.rpartition(".")[2] or "?"),
        ", ",
        code(basename(culprit.file)),
        f" line {culprit.line}" if culprit.line else "",
    )
    if culprit.verdict == Verdict.HUNG:
        words = CAUSES.get(culprit.cause, culprit.cause)
        return ("Stuck in", (*where, *say(f": {words}"))) if culprit.file else ("Stuck", say(f"{words}"))
    if culprit.verdict == Verdict.HEALTHY:
        busy = culprit.cause == "slow_progress"
        doing = (
            (*say("busy, and getting on, in "), *where) if busy and culprit.file else say("waiting for work")
        )
        return "Not stuck", doing
    return "Cause", say("I cannot name it. What speaks for and against is in the thread.")


def stuck_in_short(culprit: Culprit | None) -> str:
    """Return `stuck in inherited (session.py:41)` for a lock screen; empty where no headline stands."""
    if culprit is None or culprit.verdict != Verdict.HUNG or not culprit.file:
        return ""
    return f"stuck in {culprit.function.rpartition('.')[2]} ({basename(culprit.file)}{f':{culprit.line}' if culprit.line else ''})"
