"""Which rules hold where."""

import pytest

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.expressions import ExpressionError
from bot.domain.rules import Rule, RuleFault, RuleOverride, Telling, rules_for, rules_with
from bot.domain.targets import HostSpec, Target

WEB1 = HostSpec(name="web1", services=("shop", "cart"))
DB1 = HostSpec(name="db1")


def in_force(rules: tuple[Rule, ...], host: HostSpec, name: str) -> dict[str | None, Rule]:
    return {target.service: rule for rule, target in rules_for(rules, host) if rule.name == name}


def test_a_rule_about_services_judges_each_and_one_about_hosts_the_host() -> None:
    judged = {(rule.name, target) for rule, target in rules_for(BUILTIN, WEB1)}
    shop, cart, host = (Target(host="web1", service=name) for name in ("shop", "cart", None))
    assert {target for name, target in judged if name == "service_silent"} == {shop, cart}
    assert {target for name, target in judged if name == "load_high"} == {host}
    assert len(judged) == 2 * 4 + 6


def test_an_override_changes_its_scope_and_the_rest_stays_as_built_in() -> None:
    rules = rules_with([RuleOverride(name="service_silent", service="shop", for_s=15.0)])
    found = in_force(rules, WEB1, "service_silent")
    assert (found["shop"].for_s, found["cart"].for_s) == (15.0, 30.0)
    assert (found["shop"].attempts, found["shop"].severity, found["shop"].inspect) == (
        3,
        Severity.CRITICAL,
        True,
    )


def test_an_override_without_scope_holds_everywhere_also_under_a_narrower_one_in_any_order() -> None:
    everywhere = RuleOverride(name="service_silent", severity=Severity.WARNING)
    shop = RuleOverride(name="service_silent", service="shop", for_s=15.0)
    for overrides in ([everywhere, shop], [shop, everywhere]):
        found = in_force(rules_with(overrides), WEB1, "service_silent")
        assert (found["shop"].severity, found["shop"].for_s) == (Severity.WARNING, 15.0)
        assert (found["cart"].severity, found["cart"].for_s) == (Severity.WARNING, 30.0)


def test_the_narrowest_scope_wins() -> None:
    overrides = [
        RuleOverride(name="service_silent", host="web1", service="shop", for_s=1.0),
        RuleOverride(name="service_silent", host="web*", for_s=2.0),
        RuleOverride(name="service_silent", service="cart", for_s=3.0),
    ]
    found = in_force(rules_with(overrides), WEB1, "service_silent")
    assert (found["shop"].for_s, found["cart"].for_s) == (1.0, 2.0)
    other = in_force(rules_with(overrides), HostSpec(name="app1", services=("cart",)), "service_silent")
    assert other["cart"].for_s == 3.0


def test_a_new_rule_knows_from_its_expression_or_scope_that_it_is_about_services() -> None:
    slow = RuleOverride(name="slow", when="service.answer_ms > 2000", inspect=True)
    busy = RuleOverride(name="busy", when="load1 > 8", service="shop")
    hot = RuleOverride(name="hot", when="load1 > 8", told=(Telling.MENTION,))
    rules = rules_with([slow, busy, hot])
    assert set(in_force(rules, WEB1, "slow")) == {"shop", "cart"}
    assert set(in_force(rules, WEB1, "busy")) == {"shop"}
    assert set(in_force(rules, WEB1, "hot")) == {None}
    assert in_force(rules, WEB1, "hot")[None].severity is Severity.WARNING


def test_a_host_labelled_critical_is_critical_when_it_cannot_be_reached() -> None:
    labelled = HostSpec(name="db1", labels={"severity": "critical"})
    assert in_force(BUILTIN, labelled, "host_unreachable")[None].severity is Severity.CRITICAL
    assert in_force(BUILTIN, DB1, "host_unreachable")[None].severity is Severity.WARNING
    assert in_force(BUILTIN, labelled, "load_high")[None].severity is Severity.INFO


def test_who_is_told_follows_the_severity_unless_the_rule_says() -> None:
    rule = Rule(name="x", severity=Severity.INFO)
    assert rule.telling(Severity.INFO) == (Telling.STATUS,)
    assert Telling.MENTION in rule.telling(Severity.CRITICAL)
    assert Rule(name="x", severity=Severity.INFO, told=(Telling.POST,)).telling(Severity.INFO) == (
        Telling.POST,
    )


@pytest.mark.parametrize(
    ("override", "key", "part"),
    [
        (RuleOverride(name="servce_silent", for_s=1.0), "alert", "did you mean service_silent?"),
        (RuleOverride(name="load_high", service="shop", for_s=1.0), "service", "judges hosts"),
        (RuleOverride(name="service_silent", until="service.answer_ms < 5"), "until", "more than numbers"),
        (RuleOverride(name="load_high", until="service.answer_ms < 5"), "until", "looks at a service"),
    ],
)
def test_an_entry_that_makes_no_rule_is_refused_with_its_key(
    override: RuleOverride, key: str, part: str
) -> None:
    with pytest.raises(RuleFault) as caught:
        rules_with([RuleOverride(name="load_high", for_s=1.0), override])
    assert (caught.value.index, caught.value.key) == (1, key)
    assert part in caught.value.problem


def test_until_and_keep_firing_change_a_rule_and_a_new_condition_begins_without_an_until() -> None:
    entry = RuleOverride(name="memory_low", until="mem_available_bytes > 9", keep_firing_s=600.0)
    changed = next(one for one in rules_with([entry]) if one.name == "memory_low")
    assert (changed.until, changed.keep_firing_s) == ("mem_available_bytes > 9", 600.0)
    narrow = RuleOverride(name="memory_low", host="web1", when="mem_available_bytes < 5")
    other = rules_with([entry, narrow])[-1]
    assert (other.host, other.until, other.keep_firing_s) == ("web1", "", 600.0)


def test_a_bad_expression_is_refused() -> None:
    with pytest.raises(ExpressionError):
        rules_with([RuleOverride(name="hot", when="load1 > 8", until="load11 < 4")])
    with pytest.raises(ExpressionError):
        rules_with([RuleOverride(name="hot", when="load11 > 8")])


def test_the_built_in_rules_are_the_contracts_and_say_why() -> None:
    table = {rule.name: (rule.severity.value, rule.for_s) for rule in BUILTIN}
    assert table == {
        "service_silent": ("critical", 30.0),
        "service_degraded": ("warning", 120.0),
        "port_silent": ("warning", 30.0),
        "front_silent": ("critical", 30.0),
        "check_failed": ("warning", 120.0),
        "service_down": ("critical", 30.0),
        "host_unreachable": ("warning", 180.0),
        "load_high": ("info", 600.0),
        "memory_low": ("warning", 300.0),
        "disk_full": ("warning", 600.0),
    }
    assert all(rule.why for rule in BUILTIN)
