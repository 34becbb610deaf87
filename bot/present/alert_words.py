"""What each rule's trouble is called: in a title, on a lock screen, at its end, and what it means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from posixpath import basename
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert, Culprit
from bot.domain.clues import Clue, Fact
from bot.domain.diagnosis import Verdict
from bot.domain.messages import Line, Link, Text, When, code, say
from bot.domain.observations import ServiceReading
from bot.domain.targets import ServiceSpec
from bot.present import partial as partial_words

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
SIGHT = {
    "unreachable": "Its network does not let me through, or it is off. What runs there may well be fine.",
    "timeout": "It accepts nothing in time. What runs there may well be fine.",
    "auth_failed": "What runs there may well be fine. Look at the account and its authorized_keys; {doctor} says more.",
    "host_key_unknown": "I send nothing to a host that nobody vouched for. On my machine, type: {trust}",
    "host_key_changed": "Either it was set up anew, or somebody stands between us. I send it nothing until a person "
    "has compared the key and typed, on my machine: {trust}",
    "error": "It answers, but not with what I asked for. What runs there may well be fine.",
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


# --- what it means


def meaning(alert: Alert, reading: ServiceReading | None, service: ServiceSpec | None) -> Line:
    """Return what is known of the trouble, in a sentence or two."""
    reason = alert.reasons[0] if alert.reasons else Clue(code="")
    if reason.code == "silent":
        return _silent(reason.facts, reading, service)
    if reason.code in ("answers_partly", "worker_stuck"):
        seconds = reason.facts.get("seconds")
        length = span(timedelta(seconds=seconds if isinstance(seconds, int | float) else 0))
        return partial_words.degraded(reason.facts, length=length)
    if reason.code == "down":
        unit = reason.facts.get("unit")
        return say("None of its processes lives", ", and its unit is " if unit else "", _code(unit), ".")
    if reason.code in SIGHT:
        return _sight(alert.target.host, reason)
    if reason.code == "front_silent":
        return _front(reason.facts, service)
    if reason.code == "port_silent":
        return _port(alert.target.host, reason.facts)
    if reason.code == "disk_full":
        free = reason.facts.get("free_bytes")
        left = f", {free / GIB:.1f} GiB left" if isinstance(free, int | float) else ""
        used = reason.facts.get("used_ratio")
        share = f"{used:.1%} used" if isinstance(used, int | float) else "full"
        return say(_code(reason.facts.get("mount")), f" is {share}{left}.")
    if reason.code in BY_FACTS:
        return BY_FACTS[reason.code](reason.facts)
    return say(f"The rule {alert.rule} says so.")


def _front(facts: Mapping[str, Fact], service: ServiceSpec | None) -> Line:
    took = facts.get("answer_ms")
    here = (
        f"It answers on its host in {took:.0f} ms" if isinstance(took, int | float) else "It runs on its host"
    )
    front = service.front if service else None
    asked = (code(f"GET {front.url}"), f" from {front.source}: ") if front else ("asked as users come in: ",)
    return say(
        here,
        ", but ",
        *asked,
        _code(facts.get("text")),
        ". Look at what stands between: the proxy, its certificate, the name.",
    )


def _check(facts: Mapping[str, Fact]) -> Line:
    bad = facts.get("bad")
    more = f" {bad - 1} more of its checks fail too." if isinstance(bad, int) and bad > 1 else ""
    return say(
        "The check ",
        _code(facts.get("check")),
        f" says {facts.get('grade')}: ",
        _code(facts.get("text")),
        f".{more}",
    )


def _port(host: str, facts: Mapping[str, Fact]) -> Line:
    seconds, ports = facts.get("seconds"), facts.get("ports")
    length = span(timedelta(seconds=seconds if isinstance(seconds, int | float) else 0))
    more = f" So it is at {ports - 1} more." if isinstance(ports, int) and ports > 1 else ""
    return say(
        "Somebody waits at port ", _code(facts.get("port")), f", and for {length} nobody has been accepted there.{more} Whose it is: ",
        code(f"hangbot discover {host}"), ".",
    )  # fmt: skip


def _silent(facts: Mapping[str, Fact], reading: ServiceReading | None, service: ServiceSpec | None) -> Line:
    seen: Mapping[str, Fact] = facts
    if reading is not None and reading.reason:
        seen = {
            "why": reading.reason,
            "unit": reading.unit,
            "processes": len(reading.pids),
            "backlog": reading.backlog,
        }
    runs = [f"unit {seen['unit']}"] if seen.get("unit") else []
    if count := seen.get("processes"):
        runs.append("1 process" if count == 1 else f"{count} processes")
    asked = service.http.url.removeprefix("http://") if service and service.http else ""
    how = f" ({', '.join(runs)})" if runs else ""
    parts = say(f"It runs{how}, but ", *_asked(asked, str(seen.get("why") or "")), ".")
    cores = reading.cpu_cores if reading else None
    if cores is not None and cores >= 0.8:
        parts += say(" It uses a whole core." if cores < 1.5 else f" It uses {cores:.1f} cores.")
    backlog = seen.get("backlog")
    if isinstance(backlog, int) and backlog > 0:
        parts += say(
            f" {backlog} {'connection waits' if backlog == 1 else 'connections wait'} to be accepted."
        )
    return parts


def _asked(url: str, why: str) -> Line:
    if why == "not_accepting":
        return say("it accepts no connection: who has waited longest still waits")
    problem = why.removeprefix("http_")
    what = f"answers {problem}" if problem.isdigit() else HTTP_PROBLEMS.get(problem, "gets no good answer")
    if url:
        return say(code(f"GET {url}"), " ", what)
    return say("asking it ", what) if not problem.isdigit() else say(f"it {what}")


def _sight(host: str, reason: Clue) -> Line:
    words = SIGHT[reason.code].format(doctor=f"hangbot probe {host}", trust=f"hangbot trust {host}")
    detail = reason.facts.get("reason")
    return say(words, " (" if detail else "", _code(detail), ")" if detail else "")


def _when(facts: Mapping[str, Fact]) -> Line:
    values = [
        f"{name} is {_amount(name, value)}" for name, value in facts.items() if isinstance(value, int | float)
    ]
    return say(code(str(facts.get("when"))), ": " if values else "", ", ".join(values), ".")


def _foreign(facts: Mapping[str, Fact]) -> Line:
    """Return what an Alertmanager says of its alert, as it says it."""
    texts = [str(facts[name]) for name in ("summary", "description") if facts.get(name)]
    told = " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in dict.fromkeys(texts))
    url = str(facts.get("url") or "")
    link = say(" ", Link(url=url, text="Where it comes from"), ".") if url else ()
    return (*say(told or "An Alertmanager tells of it."), *link)


def _isolated(facts: Mapping[str, Fact]) -> Line:
    return say(
        f"{facts.get('unseen')} of {facts.get('hosts')} hosts cannot be asked, and neither my gateway nor Slack answers: it is "
        "my own network. I call no host unreachable meanwhile."
    )


def _stalled(facts: Mapping[str, Fact]) -> Line:
    seconds = facts.get("seconds")
    length = span(timedelta(seconds=seconds if isinstance(seconds, int | float) else 0))
    return say(
        f"I have not looked at it for {length}: monitoring is blind there, whatever it does. My log says why."
    )


def _heartbeat_missed(facts: Mapping[str, Fact]) -> Line:
    every, grace = (span(timedelta(seconds=_number(facts.get(name)))) for name in ("every_s", "grace_s"))
    at = str(facts.get("at") or "")[:16].replace("T", " ")
    last = (
        f"it last did at {at} UTC"
        if facts.get("reported")
        else f"it never has, as far as I know since {at} UTC"
    )
    return say(f"It should report every {every} ({grace} of grace), and {last}. Does the job still run?")


def _heartbeat_failed(facts: Mapping[str, Fact]) -> Line:
    del facts
    return say("The job ran, and says itself that it failed. Its own log says why.")


def _number(value: Fact) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


BY_FACTS: Mapping[str, Callable[[Mapping[str, Fact]], Line]] = {
    "check_failed": _check,
    "when": _when,
    "foreign": _foreign,
    "heartbeat_missed": _heartbeat_missed,
    "heartbeat_failed": _heartbeat_failed,
    "bot_isolated": _isolated,
    "probe_stalled": _stalled,
}


def _amount(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return f"{value / GIB:,.1f} GiB"
    return f"{value:.0%}" if name.endswith("_ratio") else f"{value:,.4g}"


def _code(text: Fact) -> str | Text:
    return code(str(text)) if text not in (None, "") else ""


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
