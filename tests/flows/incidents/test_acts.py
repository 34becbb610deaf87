"""What is done to a host stands in the incident's message, too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import Action, ActionStatus, Approval
from bot.domain.errors import Conflict
from bot.domain.messages import Operation
from bot.domain.timeline import EventKind
from bot.flows import acts, findings, incidents
from bot.flows.acts import News
from tests.flows.incidents.stage import SHOP, asked, card, events, looked, shown
from tests.flows.watch.night import ANA, Night


def wished(bot: Night) -> Action:
    now = bot.clock.now()
    action = Action(
        id="act_1",
        verb="restart",
        target=SHOP,
        remedy="restart_unit",
        command=("systemctl", "restart", "shop.service"),
        asked=Approval(by=ANA.id, name=ANA.name, at=now),
        expires_at=now + timedelta(minutes=2),
        status=ActionStatus.APPROVED,
        channel="C1",
        updated_at=now,
    )
    bot.store.commit(actions=[action])
    return replace(action, version=1)


class Noting:
    """A store beside which somebody writes a note, just before an act is committed."""

    def __init__(self, bot: Night) -> None:
        self._real, self._bot, self.left = bot.store, bot, 1

    def commit(self, **parts: object) -> None:
        if self.left and parts.get("actions"):
            self.left -= 1
            (incident,) = self._real.incidents()
            incidents.note(
                replace(self._bot.services, store=self._real),
                invocation=asked(self._bot),
                text="meanwhile",
                about=incident,
                said_there=True,
            )
        self._real.commit(**parts)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def test_an_act_stands_in_the_incidents_message_and_one_changed_meanwhile_is_no_obstacle(
    firing: Night,
) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    action = wished(firing)
    services = replace(firing.services, store=Noting(firing))  # type: ignore[arg-type]
    done = replace(action, status=ActionStatus.SENT, sent_at=firing.clock.now(), exit=0)
    kept = acts.keep(done, services, news=News(kind=EventKind.ACT_DONE, outcome="exit 0"))
    assert kept.version == 2
    (incident,) = firing.store.incidents()
    message = shown(card(firing.said(), incident))
    assert "restart of shop on web1 ended with exit code 0" in message
    assert "@ana: meanwhile" in message


def test_an_act_that_somebody_else_moved_is_not_written_over(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    action = wished(firing)
    acts.keep(action, firing.services)
    with pytest.raises(Conflict):
        acts.keep(action, firing.services, news=News(kind=EventKind.ACT_DONE))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answered_at": 5}, ("restart", "ana")),
        ({"done_at": 1, "exit": 0}, ("restart", "ana")),
        ({"done_at": 1, "exit": 1}, None),
        ({"sent_at": -3600, "answered_at": -3590}, None),
    ],
    ids=["answered", "came back well", "failed", "long before"],
)
def test_an_alert_that_ends_after_an_act_names_it(
    firing: Night, changes: dict[str, int], said: tuple[str, str] | None
) -> None:
    now = firing.clock.now()
    given = {
        name: value if name == "exit" else now + timedelta(seconds=value)
        for name, value in {"sent_at": 0, **changes}.items()
    }
    firing.store.commit(actions=[replace(wished(firing), **given)])  # type: ignore[arg-type]
    firing.calm()
    (alert,) = firing.store.alerts()
    assert (alert.mended and (alert.mended.verb, alert.mended.name)) == said


def test_what_an_acts_own_look_found_stands_on_the_alerts_card_and_in_the_timeline(firing: Night) -> None:
    firing.said()
    findings.note(looked(firing.clock.now(), identity="ins_again"), firing.services)
    (alert,) = firing.store.alerts(unresolved=True)
    assert alert.culprit is not None
    assert (alert.culprit.inspection, alert.culprit.line) == ("ins_again", 41)
    said = firing.said()
    assert [one.operation for one in said if one.subject == alert.subject] == [Operation.EDIT]
    assert [one.facts["inspection"] for one in events(firing.store, EventKind.INSPECTED)] == ["ins_again"]
