"""An alert's life, step by step, and over any sequence of rounds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.advance import LastGood, advance
from bot.domain.alerts import Alert, AlertStatus, Change, Severity, Silence, Transition, acknowledged
from bot.domain.clues import clue
from bot.domain.evaluation import Evaluation, State
from bot.domain.messages import Operation
from bot.domain.routing import decide
from bot.domain.rules import Rule, Telling
from bot.domain.targets import Target

START = datetime(2026, 11, 24, 3, 58, 10, tzinfo=UTC)
SHOP = Target(host="web1", service="shop")
RULE = Rule(
    name="service_silent",
    severity=Severity.CRITICAL,
    attempts=3,
    for_s=30.0,
    passes=2,
    keep_firing_s=15.0,
    about_service=True,
)
GOOD, BAD, UNKNOWN = State.GOOD, State.BAD, State.UNKNOWN
Step = tuple[float, State]


def evaluation(
    state: State, at: datetime, *, severity: Severity | None = None, code: str = "silent"
) -> Evaluation:
    return Evaluation(
        state=state,
        at=at,
        reasons=(clue(code),),
        severity=severity,
        at_once=code == "host_key_changed",
        answer_ms=12.0,
    )


def play(steps: Sequence[Step], *, alert: Alert | None = None, rules: Rule = RULE) -> list[Transition]:
    """Run rounds; each step is (seconds since START, what was seen)."""
    found: list[Transition] = []
    for number, (second, state) in enumerate(steps):
        at = START + timedelta(seconds=second)
        found.append(
            advance(
                alert, evaluation(state, at), rules, target=SHOP, now=at, id=f"alr_{number}", interval_s=10.0
            )
        )
        alert = found[-1].after
    return found


def changes(steps: Sequence[Step]) -> list[Change]:
    return [transition.change for transition in play(steps)]


FIRES: list[Step] = [(0, BAD), (10, BAD), (20, BAD), (30, BAD)]
ENDS: list[Step] = [*FIRES, (40, GOOD), (50, GOOD), (60, GOOD)]


def after(steps: Sequence[Step]) -> Alert:
    alert = play(steps)[-1].after
    assert alert is not None
    return alert


# --- the table


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(0, GOOD)], [Change.NONE]),
        ([(0, UNKNOWN)], [Change.NONE]),
        ([(0, BAD), (10, GOOD)], [Change.OPENED, Change.CLEARED]),
        (FIRES, [Change.OPENED, Change.COUNTED, Change.COUNTED, Change.FIRED]),
        (
            [(0, BAD), (30, BAD), (31, BAD)],
            [Change.OPENED, Change.COUNTED, Change.FIRED],
        ),  # time, then attempts
        ([(0, BAD), (10, UNKNOWN), (20, BAD)], [Change.OPENED, Change.NONE, Change.COUNTED]),
        (
            ENDS,
            [
                Change.OPENED,
                Change.COUNTED,
                Change.COUNTED,
                Change.FIRED,
                Change.RECOVERING,
                Change.COUNTED,
                Change.RESOLVED,
            ],
        ),
        (
            [*FIRES, (40, BAD), (50, GOOD), (60, BAD)],
            [
                Change.OPENED,
                Change.COUNTED,
                Change.COUNTED,
                Change.FIRED,
                Change.NONE,
                Change.RECOVERING,
                Change.RELAPSED,
            ],
        ),
    ],
)
def test_each_round_moves_it_one_step(steps: list[Step], expected: list[Change]) -> None:
    assert changes(steps) == expected


def test_it_says_since_when_it_is_bad_and_when_it_was_last_well() -> None:
    alert = advance(
        None,
        evaluation(BAD, START),
        RULE,
        target=SHOP,
        now=START,
        id="alr_1",
        last_good=LastGood(at=START - timedelta(seconds=12), answer_ms=12.0),
    ).after
    assert alert is not None
    assert (alert.since, alert.failures) == (START, 1)
    assert (alert.last_good_at, alert.last_answer_ms) == (START - timedelta(seconds=12), 12.0)


def test_a_firing_alert_that_stays_so_is_not_written_again() -> None:
    firing = after(FIRES)
    transition = play([(40, BAD)], alert=firing)[0]
    assert transition.after is firing


def test_unknown_neither_resolves_nor_worsens() -> None:
    for steps in ([(0.0, BAD)], FIRES, [*FIRES, (40.0, GOOD)]):
        before = after(steps)
        unseen = play([(second, UNKNOWN) for second in range(100, 100_000, 1000)], alert=before)[-1].after
        assert unseen == before


def test_a_gap_is_not_bad_time() -> None:
    alert = after([(0, BAD), (10, BAD), (10 + 600, BAD)])
    assert (alert.status, alert.failures, alert.held_s) == (AlertStatus.PENDING, 3, 10.0)


def test_a_gap_does_not_start_the_count_anew() -> None:
    """A bot that restarts within the trouble must not need all of `for` again."""
    assert after([(0, BAD), (20, BAD), (300, BAD), (310, BAD)]).status is AlertStatus.FIRING


def test_what_was_pending_an_hour_ago_is_another_trouble() -> None:
    alert = after([(0, BAD), (20, BAD), (20 + 3700, BAD)])
    assert (alert.status, alert.failures, alert.since) == (
        AlertStatus.PENDING,
        1,
        START + timedelta(seconds=3720),
    )


def test_a_gap_is_not_good_time_either() -> None:
    assert after([*FIRES, (40, GOOD), (640, GOOD)]).status is AlertStatus.RECOVERING


def test_a_clock_set_back_neither_fires_nor_breaks() -> None:
    alert = after([(3600, BAD), (3610, BAD), (10, BAD), (20, BAD)])
    assert (alert.status, alert.held_s) == (AlertStatus.PENDING, 20.0)
    assert after([(3600, BAD), (3610, BAD), (10, BAD), (20, BAD), (30, BAD)]).status is AlertStatus.FIRING


def test_a_clock_set_forward_does_not_fire() -> None:
    assert after([(0, BAD), (10, BAD), (86_400 - 10_000, BAD)]).status is AlertStatus.PENDING


def test_a_relapse_within_15_minutes_reopens_the_same_alert() -> None:
    moved = play([*ENDS, (300, BAD), (310, BAD), (320, BAD), (330, BAD)])
    alert = moved[-1].after
    assert alert is not None
    assert [transition.change for transition in moved[-2:]] == [Change.COUNTED, Change.REOPENED]
    assert (alert.id, alert.status, alert.resolved_at) == ("alr_0", AlertStatus.FIRING, None)
    assert alert.since == START + timedelta(seconds=300)


def test_a_relapse_that_comes_to_nothing_leaves_the_end_as_it_was() -> None:
    alert = after([*ENDS, (300, BAD), (310, GOOD)])
    assert (alert.status, alert.resolved_at, alert.since) == (
        AlertStatus.RESOLVED,
        START + timedelta(seconds=60),
        START,
    )


def test_trouble_after_that_is_a_new_alert() -> None:
    alert = after([*ENDS, (60 + 15 * 60 + 1, BAD)])
    assert (alert.id, alert.told) == ("alr_7", False)


def test_a_blip_nobody_was_told_of_leaves_one_row_however_often_it_comes() -> None:
    steps: list[Step] = [(second * 100, BAD if second % 2 else GOOD) for second in range(1, 40)]
    assert after(steps).id == "alr_0"


def test_a_changed_host_key_fires_at_once_and_makes_a_firing_warning_critical() -> None:
    warning = replace(RULE, name="host_unreachable", severity=Severity.WARNING)
    grave = evaluation(BAD, START, severity=Severity.CRITICAL, code="host_key_changed")
    first = advance(None, grave, warning, target=SHOP, now=START, id="a", interval_s=10)
    assert first.after is not None
    assert (first.change, first.after.severity) == (Change.FIRED, Severity.CRITICAL)
    firing = play(FIRES, rules=warning)[-1].after
    worse = advance(firing, grave, warning, target=SHOP, now=START + timedelta(seconds=40), id="a")
    assert worse.after is not None
    assert (worse.change, worse.after.severity) == (Change.WORSENED, Severity.CRITICAL)
    eased = advance(
        worse.after, evaluation(BAD, START), warning, target=SHOP, now=START + timedelta(seconds=50), id="a"
    )
    assert eased.after is not None
    assert (eased.change, eased.after.severity) == (Change.RENAMED, Severity.CRITICAL)


def test_an_acknowledgement_ends_after_four_hours_even_unseen() -> None:
    acked = acknowledged(after(FIRES), by="U1", name="ana", now=START)
    within = play([(4 * 3600 - 1, BAD)], alert=acked)[0]
    assert within.change is Change.NONE
    expired = play([(4 * 3600, UNKNOWN)], alert=acked)[0]
    assert expired.change is Change.ACK_EXPIRED
    assert expired.after is not None
    assert expired.after.acknowledged is None


# --- any sequence


class AnyNight(RuleBasedStateMachine):
    """Good, bad and unseen rounds, gaps, clock steps, acknowledgements and silences in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.alert: Alert | None = None
        self.bad_since_good = 0
        self.bad_time_s = 0.0
        self.last_bad: datetime | None = None
        self.silences: list[Silence] = []
        self.posts: list[str] = []
        self.ends: list[str] = []
        self.episode: list[str] = []
        self.number = 0

    def round(self, state: State, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        before = self.alert
        if state is BAD:
            self.bad_since_good += 1
            if self.last_bad is not None:
                gone = (self.now - self.last_bad).total_seconds()
                self.bad_time_s += gone if 0 <= gone <= 70 else 0
            self.last_bad = self.now
        self.number += 1
        moved = advance(
            self.alert,
            evaluation(state, self.now),
            RULE,
            target=SHOP,
            now=self.now,
            id=f"alr_{self.number}",
            interval_s=10,
        )
        decision = decide(moved, silences=self.silences, rule=RULE, oncall=("U1",), now=self.now)
        if moved.after is not None:
            told = moved.after.told or Operation.POST in decision.operations
            self.alert = replace(moved.after, told=told, owed=decision.owed)
        self.check(before, moved, state)
        if state is GOOD:
            self.bad_since_good, self.bad_time_s, self.last_bad = 0, 0.0, None
        assert self.alert is not None or not decision.operations
        if self.alert is None:
            return
        if Operation.POST in decision.operations:
            self.posts.append(self.alert.id)
            assert not any(one.ends_at > self.now for one in self.silences)
        if moved.change is Change.RESOLVED and decision.notify:
            self.ends.append(self.alert.id)
        if Operation.REPLY in decision.operations:
            assert not any(one.ends_at > self.now for one in self.silences)
            assert self.alert.id in self.posts

    def check(self, before: Alert | None, moved: Transition, state: State) -> None:
        if moved.change in (Change.FIRED, Change.REOPENED):
            assert self.bad_since_good >= RULE.attempts
            assert self.bad_time_s >= RULE.for_s
        if state is UNKNOWN:
            assert moved.change in (Change.NONE, Change.ACK_EXPIRED)
            assert (before and before.status) == (moved.after and moved.after.status)
        if state is BAD:
            assert moved.change not in (Change.RESOLVED, Change.CLEARED, Change.RECOVERING)
        if state is GOOD:
            assert moved.change not in (Change.FIRED, Change.REOPENED, Change.OPENED, Change.RELAPSED)
        if before is not None and before.status in (AlertStatus.FIRING, AlertStatus.RECOVERING):
            assert moved.after is not None
            assert moved.after.id == before.id
        if moved.change is Change.RESOLVED and moved.after is not None and moved.after.told:
            assert moved.after.id in self.posts
        if moved.change is Change.NONE:
            assert moved.after == before

    @rule(state=st.sampled_from(State), seconds=st.sampled_from([1.0, 9.0, 10.0, 11.0, 30.0]))
    def ordinary_round(self, state: State, seconds: float) -> None:
        self.round(state, seconds)

    @rule()
    def trouble(self) -> None:
        for _ in range(5):
            self.round(BAD, 10)

    @rule()
    def calm(self) -> None:
        for _ in range(4):
            self.round(GOOD, 10)

    @rule(state=st.sampled_from(State), seconds=st.sampled_from([71.0, 600.0, 1000.0, 4000.0, 90_000.0]))
    def gap(self, state: State, seconds: float) -> None:
        self.round(state, seconds)

    @rule(state=st.sampled_from(State), seconds=st.sampled_from([-1.0, -3600.0, -86_400.0]))
    def clock_goes_back(self, state: State, seconds: float) -> None:
        self.round(state, seconds)

    @rule()
    def somebody_acknowledges(self) -> None:
        if self.alert is not None and self.alert.status in (AlertStatus.FIRING, AlertStatus.RECOVERING):
            self.alert = acknowledged(self.alert, by="U1", name="ana", now=self.now)

    @rule(minutes=st.sampled_from([1, 30, 600]))
    def somebody_silences(self, minutes: int) -> None:
        self.silences = [
            Silence(
                id=f"sil_{self.now.timestamp()}",
                host="web1",
                service=None,
                by="U1",
                name="ana",
                reason="",
                starts_at=self.now - timedelta(days=30),  # so that a clock set back stays within it
                ends_at=self.now + timedelta(minutes=minutes),
            )
        ]

    @rule()
    def the_silence_ends(self) -> None:
        self.silences = []

    @invariant()
    def nobody_is_told_twice_that_it_began(self) -> None:
        assert len(self.posts) == len(set(self.posts))

    @invariant()
    def an_end_is_told_of_what_was_told_alone(self) -> None:
        assert set(self.ends) <= set(self.posts)

    @invariant()
    def what_was_told_and_is_over_was_told_to_be_over(self) -> None:
        if self.alert is not None and self.alert.status is AlertStatus.RESOLVED and self.alert.told:
            assert self.alert.id in self.ends

    @invariant()
    def what_fires_and_nothing_holds_back_is_told(self) -> None:
        if self.alert is not None and self.alert.status is AlertStatus.FIRING and not self.alert.told:
            # silenced when it was last looked at
            self.round(BAD, 1) if not self.silences else None
            assert self.silences or self.alert.told

    @invariant()
    def a_status_has_what_belongs_to_it(self) -> None:
        alert = self.alert
        if alert is None:
            return
        if alert.status in (AlertStatus.FIRING, AlertStatus.RECOVERING):
            assert alert.fired_at is not None
            assert alert.resolved_at is None
        if alert.status is AlertStatus.RESOLVED:
            assert alert.resolved_at is not None
        if alert.owed:
            assert alert.told


TestAnyNight = AnyNight.TestCase
TestAnyNight.settings = hypothesis_settings(max_examples=150, stateful_step_count=40, deadline=None)


# --- telling


def test_an_acknowledged_alert_that_worsens_mentions_nobody() -> None:
    firing = replace(after(FIRES), told=True, severity=Severity.WARNING)
    acked = acknowledged(firing, by="U1", name="ana", now=START)
    for alert, mention in ((firing, ("U1",)), (acked, ())):
        worse = Transition(
            before=alert, after=replace(alert, severity=Severity.CRITICAL), change=Change.WORSENED
        )
        decision = decide(worse, silences=[], rule=RULE, oncall=("U1",), now=START + timedelta(minutes=1))
        assert decision.operations == (Operation.EDIT, Operation.REPLY)
        assert decision.mention == mention


def test_what_is_for_status_only_is_told_to_nobody() -> None:
    info = replace(RULE, severity=Severity.INFO)
    for transition in play(ENDS, rules=info):
        assert not decide(transition, silences=[], rule=info, oncall=("U1",), now=START).notify
    told = replace(info, told=(Telling.POST,))
    assert any(
        decide(one, silences=[], rule=told, oncall=(), now=START).notify for one in play(ENDS, rules=told)
    )
