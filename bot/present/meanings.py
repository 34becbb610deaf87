"""What is known of an alert's trouble, in a sentence or two: by the code of its newest reason."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.alerts import Alert
from bot.domain.clues import Clue, Fact
from bot.domain.messages import Line, Link, Text, code, say
from bot.domain.observations import ServiceReading
from bot.domain.targets import ServiceSpec
from bot.present import partial as partial_words
from bot.present.alert_words import GIB, HTTP_PROBLEMS, span

SIGHT = {
    "unreachable": "Its network does not let me through, or it is off. What runs there may well be fine.",
    "timeout": "It accepts nothing in time. What runs there may well be fine.",
    "auth_failed": "What runs there may well be fine. Look at the account and its authorized_keys; {doctor} says more.",
    "host_key_unknown": "I send nothing to a host that nobody vouched for. On my machine, type: {trust}",
    "host_key_changed": "Either it was set up anew, or somebody stands between us. I send it nothing until a person "
    "has compared the key and typed, on my machine: {trust}",
    "error": "It answers, but not with what I asked for. What runs there may well be fine.",
}


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
    doubt = ""
    if since := facts.get("unheard_since"):
        start, end = (str(one)[:16].replace("T", " ") for one in (since, facts.get("unheard_until")))
        doubt = (
            f" I did not listen from {start} to {end} UTC, when it was due: it may have reported to nobody."
        )
    return say(
        f"It should report every {every} ({grace} of grace), and {last}.{doubt} Does the job still run?"
    )


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
