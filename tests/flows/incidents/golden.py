"""The fixed night of which the report is kept as a file. Run as a program it writes that file anew."""

import sys
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.actions import Action, ActionStatus, Approval
from bot.domain.clues import Fact
from bot.domain.incidents import Incident
from bot.domain.observations import ServiceState
from bot.domain.settings import InspectPolicy
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import incidents, respond
from bot.ports import Services, Store
from tests.flows.incidents.stage import SHOP, asked, inspected, looked
from tests.flows.watch.night import ANA, BEN, Night, night
from tests.stores import fresh_store

EXPECTED = Path(__file__).with_name("expected-report.md")

MACHINE = {
    "load1": 1.02,
    "cores": 4.0,
    "psi_cpu_some_avg10": 0.4,
    "psi_memory_full_avg10": 0.0,
    "mem_available_bytes": 6.2 * 2**30,
    "mem_total_bytes": 8.0 * 2**30,
}


def a_whole_night(store: Store) -> tuple[Incident, Services]:
    """Play it from the first bad sample to the end; return the incident and the bot."""
    bot = night(store, inspect=InspectPolicy(auto=False))
    bot.round(metrics=MACHINE)
    for _ in range(4):
        bot.round(ServiceState.SILENT, metrics=MACHINE)
    bot.clock.at += timedelta(seconds=4)
    inspected(bot, looked(bot.clock.now()))
    bot.clock.at += timedelta(seconds=26)
    (alert,) = store.alerts()
    respond.acknowledge(bot.services, actor=ANA, alert=alert)
    incidents.open_incident(bot.services, actor=ANA, alert=alert)
    (incident,) = store.incidents()
    bot.clock.at += timedelta(seconds=20)
    inspected(bot, looked(bot.clock.now(), identity="ins_0002"), by=BEN)
    incidents.note(
        bot.services,
        invocation=asked(bot),
        text="the tenant `tea` | inherits from itself, told @here",
        about=incident,
        said_there=True,
    )
    restarted(bot)
    bot.calm()
    bot.clock.at += timedelta(minutes=3)
    incidents.resolve(bot.services, actor=ANA, incident=incident, text="settings mended, restarted")
    (incident,) = store.incidents()
    return incident, bot.services


def restarted(bot: Night) -> None:
    """Let ana have restarted the shop, and ben have said yes."""
    began = bot.clock.now()
    sent = began + timedelta(seconds=40)
    command = ("sudo", "systemctl", "restart", "shop.service")
    action = Action(
        id="act_0001",
        verb="restart",
        target=SHOP,
        remedy="restart_unit",
        command=command,
        asked=Approval(by=ANA.id, name=ANA.name, at=began),
        approvals=(Approval(by=BEN.id, name=BEN.name, at=sent),),
        expires_at=began + timedelta(minutes=2),
        status=ActionStatus.HELD,
        inspection="ins_0001",
        sent_at=sent,
        done_at=sent + timedelta(seconds=1.2),
        exit=0,
        answered_at=sent + timedelta(seconds=4.1),
        updated_at=began,
    )
    facts: dict[str, Fact] = {
        "command": " ".join(command),
        "exit": 0,
        "seconds": 1.2,
        "down_s": 4.1,
        "after_pid": 5120,
    }
    bot.store.commit(
        actions=[action],
        events=[
            step(EventKind.ACT_ASKED, began, facts),
            replace(step(EventKind.ACT_APPROVED, sent, facts), by=BEN.id, name=BEN.name),
            step(EventKind.ACT_DONE, sent + timedelta(seconds=1.2), facts),
            step(EventKind.ACT_VERIFIED, sent + timedelta(seconds=4.1), facts),
        ],
    )
    bot.clock.at = sent


def step(kind: EventKind, at: datetime, facts: dict[str, Fact]) -> TimelineEvent:
    return TimelineEvent(
        id=f"evt_act_0001.{kind.value}", at=at, kind=kind, target=SHOP, by=ANA.id, name=ANA.name, facts=facts
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = fresh_store(Path(folder))
        incident, services = a_whole_night(store)
        EXPECTED.write_text(incidents.report(incident, services).content, encoding="utf-8")
        store.close()
    sys.stdout.write(f"{EXPECTED}\n")


if __name__ == "__main__":
    main()
