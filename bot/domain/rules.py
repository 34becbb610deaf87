"""What makes an alert: the rules, built in and from the config, and which of them holds where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from difflib import get_close_matches

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.expressions import compile_expression
from bot.domain.routes import labels_of
from bot.domain.rule import NOTIFY, Rule, Telling
from bot.domain.targets import HostSpec, Target

__all__ = ["NOTIFY", "Rule", "RuleFault", "RuleOverride", "Telling", "narrowness", "rules_for", "rules_with"]


@dataclass(frozen=True, kw_only=True)
class RuleOverride:
    """One entry of the config's `rules`. None: as built in, or the default where the name is new."""

    name: str
    when: str | None = None
    until: str | None = None
    for_s: float | None = None
    keep_firing_s: float | None = None
    severity: Severity | None = None
    host: str | None = None
    service: str | None = None
    told: tuple[Telling, ...] | None = None
    inspect: bool | None = None
    attempts: int | None = None
    of: tuple[int, int] | None = None
    match: Mapping[str, str] | None = None
    shadow: bool | None = None
    runbook: str | None = None
    windows: tuple[tuple[time, time], ...] | None = None


class RuleFault(ValueError):
    """An entry of `rules` that makes no rule: `index` counts entries from 0, `key` is the one to mend."""

    def __init__(self, problem: str, *, index: int, key: str) -> None:
        super().__init__(problem)
        self.problem, self.index, self.key = problem, index, key


def rules_with(overrides: Sequence[RuleOverride], *, built_in: Sequence[Rule] = BUILTIN) -> tuple[Rule, ...]:
    """Return all rules in force: the built-in ones, changed by name and scope, and the new ones.

    An entry without a scope changes the rule everywhere; one with a scope adds a narrower rule of the same name.
    Raises ExpressionError (a ValueError too, for `when`) and RuleFault.
    """
    general = {rule.name: rule for rule in built_in}
    indexed = list(enumerate(overrides))
    for index, override in indexed:
        if override.name not in general and override.when is None:
            raise RuleFault(_no_such_rule(override.name, general), index=index, key="alert")
        if override.until is not None:
            _check_until(override, general.get(override.name), index)
        if not _scoped(override):
            general[override.name] = _changed(general.get(override.name), override)
    narrow: dict[tuple[str, str | None, str | None, tuple[tuple[str, str], ...]], Rule] = {}
    for index, override in indexed:
        if _scoped(override):
            labels = tuple(sorted((override.match or {}).items()))
            key = (override.name, override.host, override.service, labels)
            base = narrow.get(key) or general.get(override.name)
            if base is not None and override.service and not base.about_service and override.when is None:
                problem = f"`{base.name}` judges hosts, not services"
                raise RuleFault(problem, index=index, key="service")
            narrow[key] = _changed(base, override)
    return (*general.values(), *narrow.values())


def rules_for(rules: Iterable[Rule], host: HostSpec) -> list[tuple[Rule, Target]]:
    """Return what must be judged on a host: for each name and target the narrowest rule that covers it; of equals the last."""
    targets = [Target(host=host.name), *(Target(host=host.name, service=name) for name in host.services)]
    chosen: dict[tuple[str, Target], Rule] = {}
    for rule in rules:
        for target in targets:
            if (target.service is not None) is not rule.about_service or not rule.covers(target):
                continue
            if not rule.matches(labels_of(host)):
                continue
            before = chosen.get((rule.name, target))
            if before is None or narrowness(rule) >= narrowness(before):
                chosen[rule.name, target] = rule
    return [(_as_labelled(rule, host), target) for (_, target), rule in chosen.items()]


def narrowness(rule: Rule) -> tuple[int, int, int]:
    """Order scopes: labels are narrower than nothing, a service than labels, a host than a service, a whole name than a
    pattern.
    """
    host = 0 if rule.host is None else 1 + ("*" not in rule.host and "?" not in rule.host)
    return (host, 0 if rule.service is None else 1, len(rule.match))


def _as_labelled(rule: Rule, host: HostSpec) -> Rule:
    if rule.name == "host_unreachable" and host.labels.get("severity") == Severity.CRITICAL:
        return replace(rule, severity=Severity.CRITICAL)
    return rule


def _check_until(override: RuleOverride, base: Rule | None, index: int) -> None:
    """Refuse an `until` that could never be answered. Raises RuleFault, ExpressionError."""
    when = override.when or (base.when if base else "")
    if not when:
        problem = f"`{override.name}` is judged by more than numbers"
        raise RuleFault(problem, index=index, key="until")
    about_service = override.service is not None or compile_expression(when).about_service
    if compile_expression(override.until or "").about_service and not about_service:
        raise RuleFault("it looks at a service, and `when` at a host", index=index, key="until")


def _scoped(override: RuleOverride) -> bool:
    return override.host is not None or override.service is not None or bool(override.match)


def _changed(base: Rule | None, override: RuleOverride) -> Rule:
    rule = base or Rule(name=override.name, severity=Severity.WARNING, attempts=1)
    if override.when is not None:
        about_service = compile_expression(override.when).about_service or override.service is not None
        rule = replace(rule, when=override.when, otherwise="", until="", about_service=about_service)
    return replace(
        rule,
        until=rule.until if override.until is None else override.until,
        for_s=rule.for_s if override.for_s is None else override.for_s,
        keep_firing_s=rule.keep_firing_s if override.keep_firing_s is None else override.keep_firing_s,
        severity=override.severity or rule.severity,
        host=override.host or rule.host,
        service=override.service or rule.service,
        told=rule.told if override.told is None else override.told,
        inspect=rule.inspect if override.inspect is None else override.inspect,
        attempts=rule.attempts if override.attempts is None else override.attempts,
        of=rule.of if override.of is None else override.of,
        match=rule.match if override.match is None else override.match,
        shadow=rule.shadow if override.shadow is None else override.shadow,
        windows=rule.windows if override.windows is None else override.windows,
        runbook=rule.runbook if override.runbook is None else override.runbook,
    )


def _no_such_rule(name: str, known: Mapping[str, Rule]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]}?" if nearest else f"built in are {', '.join(known)}"
    return f"`{name}` is no built-in rule ({hint}), and a new one needs `when`"
