"""Jobs that report by themselves: taken in as they come, and told of when they do not."""

from bot.domain.advance import advance
from bot.domain.errors import Conflict
from bot.domain.evaluation import State
from bot.domain.heartbeats import RULE, Heartbeat, HeartbeatSpec, judge, listened
from bot.flows.telling import Moves
from bot.ports import Services


def take(spec: HeartbeatSpec, services: Services, *, well: bool) -> None:
    """Note that a job has reported, and whether all went well; an end, or a failure, is told at once."""
    beat = Heartbeat(name=spec.name, at=services.clock.now(), reported=True, well=well)
    services.store.commit(heartbeats=[beat])
    look(services)


def look(services: Services) -> None:
    """Judge all of them. What others changed meanwhile waits for the next time."""
    specs = services.settings.heartbeats
    if not specs:
        return
    now, known = services.clock.now(), services.store.heartbeats()
    live = {one.target: one for one in services.store.alerts(rules=[RULE.name], unresolved=True)}
    moves, new, heard = Moves(services=services, now=now), [], []
    for spec in specs:
        before = known.get(spec.name)
        if before is None:
            new.append(Heartbeat(name=spec.name, at=now))
            continue
        beat = listened(spec, before, now=now)
        if beat is not before:
            heard.append(beat)
        found, alert = judge(spec, beat, now=now), live.get(spec.target)
        if found.state is State.GOOD and alert is None:
            continue
        moved = advance(
            alert,
            found,
            RULE,
            target=spec.target,
            now=now,
            id=services.ids.new("alr"),
            interval_s=services.settings.probes.interval_s,
        )
        moves.add(moved, RULE, inspects=False)
    if new:
        services.store.commit(heartbeats=new)
    if heard:
        services.store.listened(heard)
    if moves.alerts:
        try:
            moves.commit()
        except Conflict:
            return
