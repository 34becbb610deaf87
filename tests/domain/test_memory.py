"""A hang that was seen before: how often, where, what ended it, and for how long that held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.actions import Action, ActionStatus, Approval
from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.incidents import Incident
from bot.domain.memory import EndedBy, Ending, Seen, Sighting, earlier, elsewhere, remembered
from bot.domain.targets import Target

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEB1, WEB2 = Target(host="web1", service="shop"), Target(host="web2", service="shop")


def look(
    number: int, ago: timedelta, *, target: Target = WEB1, pid: int = 0, ran: timedelta = HOUR
) -> Sighting:
    """Return a look `ago`, at a process that had been running for `ran` then."""
    at = NOW - ago
    process = f"{pid or 4000 + number}@{(at - ran).timestamp():.0f}"
    return Sighting(inspection=f"ins_{number}", target=target, at=at, process=process)


def alert(began: timedelta, ended: timedelta | None = None, *, target: Target = WEB1) -> Alert:
    """Return an alert that began and ended so long ago."""
    over = None if ended is None else NOW - ended
    return Alert(
        id=f"alr_{target.host}_{began.total_seconds():.0f}",
        rule="service_silent",
        target=target,
        status=AlertStatus.FIRING if over is None else AlertStatus.RESOLVED,
        severity=Severity.CRITICAL,
        since=NOW - began,
        resolved_at=over,
        updated_at=NOW,
    )


def restart(sent: timedelta, status: ActionStatus, *, took: timedelta = MINUTE, name: str = "ana") -> Action:
    at = NOW - sent
    answered = None if status is ActionStatus.NOT_VERIFIED else at + took
    return Action(
        id=f"act_{name}",
        verb="restart",
        target=WEB1,
        remedy="restart_unit",
        command=("systemctl", "restart", "shop.service"),
        asked=Approval(by=f"U0{name.upper()}", name=name, at=at),
        expires_at=at + HOUR,
        status=status,
        sent_at=at,
        answered_at=answered,
        ended_at=at + took,
        updated_at=at,
    )


def seen(
    *before: Sighting,
    now: Sighting,
    alerts: tuple[Alert, ...] = (),
    actions: tuple[Action, ...] = (),
    incidents: tuple[Incident, ...] = (),
) -> Seen | None:
    past = earlier(before, now, alerts=alerts)
    return remembered("f1", past, now, actions=actions, alerts=alerts, incidents=incidents)


def ended(found: Seen | None) -> Ending:
    assert found is not None
    assert found.ended is not None
    return found.ended


# --- what is a hang of its own


def test_what_was_never_seen_has_no_past() -> None:
    assert seen(now=look(9, 0 * DAY)) is None


def test_a_second_look_at_the_same_process_is_no_second_time() -> None:
    now = look(2, 0 * HOUR, pid=4021, ran=HOUR)
    assert seen(look(1, 10 * MINUTE, pid=4021, ran=50 * MINUTE), now=now) is None


def test_the_start_of_one_process_may_be_a_second_apart_in_two_looks() -> None:
    now = look(2, 0 * HOUR, pid=4021, ran=3 * DAY + HOUR)
    off = HOUR + timedelta(seconds=1)
    assert seen(look(1, 3 * DAY, pid=4021, ran=off), now=now) is None


def test_another_worker_that_ran_beside_it_hangs_in_the_same_hang() -> None:
    now = look(2, 0 * HOUR, pid=4022, ran=2 * HOUR)
    assert seen(look(1, 5 * MINUTE, pid=4021, ran=2 * HOUR), now=now) is None


def test_a_process_that_was_started_since_is_another_time() -> None:
    found = seen(look(1, HOUR), now=look(2, 0 * HOUR, ran=30 * MINUTE))
    assert found is not None
    assert (found.times, found.last.inspection) == (1, "ins_1")


def test_the_same_process_that_was_well_between_hangs_another_time() -> None:
    first = look(1, 3 * HOUR, pid=4021, ran=HOUR)
    now = look(2, 0 * HOUR, pid=4021, ran=4 * HOUR)
    alerts = (alert(4 * HOUR, 2 * HOUR), alert(HOUR))
    assert seen(first, now=now) is None
    assert seen(first, now=now, alerts=alerts) is not None


def test_without_an_alert_a_neighbour_of_three_weeks_ago_was_another_time() -> None:
    now = look(2, 0 * HOUR, pid=4022, ran=30 * DAY)
    assert seen(look(1, 21 * DAY, pid=4021, ran=9 * DAY), now=now) is not None


def test_times_counts_hangs_and_not_looks() -> None:
    past = (
        look(1, 9 * DAY, pid=11),
        look(2, 9 * DAY - MINUTE, pid=11, ran=HOUR + MINUTE),
        look(3, 5 * DAY, pid=12),
        look(4, 5 * DAY - MINUTE, target=WEB2, pid=13),
    )
    found = seen(*past, now=look(5, 0 * DAY))
    assert found is not None
    assert (found.times, found.first_at, found.hosts) == (3, NOW - 9 * DAY, ("web2", "web1"))
    assert (found.last.target, found.last.at) == (WEB2, NOW - 5 * DAY + MINUTE)


def test_what_hangs_elsewhere_now_is_no_past() -> None:
    other, now = look(1, 5 * HOUR, target=WEB2), look(2, 0 * HOUR)
    stands = (alert(6 * HOUR, target=WEB2),)
    assert elsewhere([other], now, alerts=stands) == ("web2",)
    assert seen(other, now=now, alerts=stands) is None
    over = (alert(6 * HOUR, 4 * HOUR, target=WEB2),)
    assert elsewhere([other], now, alerts=over) == ()
    assert seen(other, now=now, alerts=over) is not None


def test_without_an_alert_it_hangs_elsewhere_for_ten_minutes() -> None:
    now = look(2, 0 * HOUR)
    assert elsewhere([look(1, 10 * MINUTE, target=WEB2)], now, alerts=()) == ("web2",)
    assert elsewhere([look(1, 11 * MINUTE, target=WEB2)], now, alerts=()) == ()


# --- what ended it


def test_a_restart_ended_it_and_it_is_told_how_long_that_held() -> None:
    found = seen(
        look(1, 5 * HOUR),
        now=look(2, 0 * HOUR),
        alerts=(alert(6 * HOUR, 4 * HOUR - MINUTE), alert(HOUR)),
        actions=(restart(4 * HOUR + MINUTE, ActionStatus.HELD),),
    )
    ending = ended(found)
    assert (ending.how, ending.verb, ending.name) == (EndedBy.ACT, "restart", "ana")
    assert ending.held_s == timedelta(hours=3).total_seconds(), "until the alert's first bad sample"


def test_of_a_hang_on_another_host_it_is_not_known_how_long_it_held() -> None:
    found = seen(
        look(1, 5 * HOUR),
        now=look(2, 0 * HOUR, target=WEB2),
        actions=(restart(4 * HOUR, ActionStatus.HELD),),
        alerts=(alert(6 * HOUR, 4 * HOUR - 2 * MINUTE),),
    )
    assert ended(found).held_s is None


def test_a_restart_that_fell_back_while_it_was_watched_held_that_long() -> None:
    sent = restart(4 * HOUR, ActionStatus.RELAPSED)
    fell = replace(sent, fell_at=NOW - 4 * HOUR + MINUTE + timedelta(seconds=40))
    assert ended(seen(look(1, 5 * HOUR), now=look(2, 0 * HOUR), actions=(fell,))).held_s == 40.0


def test_of_several_acts_the_last_that_helped_counts() -> None:
    acts = (
        restart(4 * HOUR, ActionStatus.HELD, name="ben"),
        restart(4 * HOUR + 10 * MINUTE, ActionStatus.RELAPSED),
    )
    assert ended(seen(look(1, 5 * HOUR), now=look(2, 0 * HOUR), actions=acts)).name == "ben"


def test_an_act_that_did_not_help_is_told_as_one() -> None:
    ending = ended(
        seen(
            look(1, 20 * MINUTE),
            now=look(2, 0 * HOUR, ran=10 * MINUTE),
            alerts=(alert(30 * MINUTE),),
            actions=(restart(12 * MINUTE, ActionStatus.NOT_VERIFIED),),
        )
    )
    assert (ending.how, ending.name, ending.held_s) == (EndedBy.NOTHING, "ana", None)


def test_where_nobody_did_anything_it_ended_by_itself() -> None:
    ending = ended(seen(look(1, 5 * HOUR), now=look(2, 0 * HOUR), alerts=(alert(6 * HOUR, 4 * HOUR),)))
    assert (ending.how, ending.at) == (EndedBy.ITSELF, NOW - 4 * HOUR)


def test_what_was_done_before_the_look_or_to_another_target_did_not_end_it() -> None:
    early = restart(6 * HOUR, ActionStatus.HELD)
    other = replace(restart(4 * HOUR, ActionStatus.HELD), target=WEB2)
    found = seen(look(1, 5 * HOUR), now=look(2, 0 * HOUR), actions=(early, other))
    assert found is not None
    assert found.ended is None


# --- its incident


def test_its_incident_is_its_alerts_or_the_one_that_covers_it() -> None:
    incident = Incident(
        id="inc_12",
        number=12,
        title="shop silent on web1",
        opened_by="U0ANA",
        opened_name="ana",
        opened_at=NOW - 6 * HOUR,
        since=NOW - 6 * HOUR,
        targets=(WEB1,),
        resolved_at=NOW - 4 * HOUR,
        updated_at=NOW,
    )
    first, now = look(1, 5 * HOUR), look(2, 0 * HOUR)
    covered = seen(first, now=now, incidents=(incident,))
    assert covered is not None
    assert covered.incident == "INC-12"
    of_alert = replace(alert(6 * HOUR, 4 * HOUR), incident="INC-13")
    named = seen(first, now=now, incidents=(incident,), alerts=(of_alert,))
    assert named is not None
    assert named.incident == "INC-13"
    later = seen(first, now=now, incidents=(replace(incident, since=NOW - HOUR, resolved_at=None),))
    assert later is not None
    assert later.incident == ""
