"""Who is shown what a host's processes, logs and stacks say: the audience of the config, by who asks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.invocations import Actor, Audience, Invocation, Place, Reply
from bot.domain.settings import AccessPolicy, EvidenceAudience
from handlers import router
from handlers.arguments import parse
from tests.collectors.shells import ShellHost
from tests.flows.watch.night import ANA, Night, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
STRANGER = Actor(id="U0WHO", name="who")
ACTORS = {"operator": ANA, "member": EVE, "stranger": STRANGER}
LINES = ("top web1", "logs web1 shop 5m", "diff web1 shop")
MATRIX = [
    (EvidenceAudience.CHANNEL, "operator", Audience.CHANNEL), (EvidenceAudience.CHANNEL, "member", Audience.CHANNEL),
    (EvidenceAudience.CHANNEL, "stranger", "not_a_member"), (EvidenceAudience.ASKER, "operator", Audience.ASKER),
    (EvidenceAudience.ASKER, "member", Audience.ASKER), (EvidenceAudience.ASKER, "stranger", "not_a_member"),
    (EvidenceAudience.OPERATORS, "operator", Audience.ASKER), (EvidenceAudience.OPERATORS, "member", "evidence"),
    (EvidenceAudience.OPERATORS, "stranger", "not_a_member"),
]  # fmt: skip


class Here:
    """This machine, under any name."""

    def get(self, name: str) -> ShellHost:
        return ShellHost()

    def close(self) -> None: ...


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    made = night(store)
    made.services = replace(made.services, hosts=Here())  # type: ignore[arg-type]
    yield made
    store.close()


def ask(
    bot: Night,
    line: str,
    *,
    actor: Actor = ANA,
    evidence: EvidenceAudience = EvidenceAudience.CHANNEL,
    place: Place = Place.HOME,
) -> Reply:
    policy = AccessPolicy(operators=("U0ANA",), evidence=evidence)
    bot.services = replace(bot.services, settings=replace(bot.services.settings, access=policy))
    verb, args = parse(line)
    asked = Invocation(
        id=f"i-{line}",
        actor=actor,
        verb=verb,
        args=args,
        text=line,
        channel="C1",
        place=place,
        at=bot.clock.at,
    )
    return router.answer(asked, bot.services)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("evidence", "who", "wanted"), MATRIX)
def test_a_look_is_shown_to_whom_the_config_says(
    bot: Night, line: str, evidence: EvidenceAudience, who: str, wanted: Audience | str
) -> None:
    reply = ask(bot, line, actor=ACTORS[who], evidence=evidence)
    if isinstance(wanted, Audience):
        assert (reply.refused, reply.audience) == (False, wanted)
    else:
        assert isinstance(reply.refusal, NotAllowed)
        assert (reply.refusal.reason, reply.audience) == (wanted, Audience.ASKER)


@pytest.mark.parametrize(("evidence", "who", "wanted"), MATRIX)
@pytest.mark.parametrize("place", [Place.HOME, Place.DIRECT])
def test_stacks_are_taken_for_whom_the_config_says(
    bot: Night, evidence: EvidenceAudience, who: str, wanted: Audience | str, place: Place
) -> None:
    reply = ask(bot, "dump web1 shop", actor=ACTORS[who], evidence=evidence, place=place)
    if isinstance(wanted, str) and not isinstance(wanted, Audience):
        assert isinstance(reply.refusal, NotAllowed)
        assert not reply.jobs
        return
    job = bot.store.job(reply.jobs[0])
    assert job is not None
    alone = wanted is Audience.ASKER and place is Place.HOME
    assert job.payload["evidence"] == (EvidenceAudience.ASKER if alone else EvidenceAudience.CHANNEL)


def test_who_may_not_is_told_who_may(bot: Night) -> None:
    for line in (*LINES, "dump web1 shop"):
        reply = ask(bot, line, actor=EVE, evidence=EvidenceAudience.OPERATORS)
        assert reply.message is not None
        assert "is for operators here: access.evidence. @U0ANA may." in reply.message.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("logs", "Which host? /hang logs HOST SERVICE [30m]"),
        ("logs web1 shop 30x", "30x is no time back that I read: 90s, 30m, 2h or 1d, and a week at most."),
        ("logs web1 shop 0m", "0m is no time back"),
        ("logs web1 shop 8d", "8d is no time back"),
        ("logs web1 shop 30", "30 is no time back"),
        ("logs web1 shop 30m 2h", "I do not understand 2h there."),
        ("top", "Which host? /hang top HOST"),
        ("top web1 shop", "I do not understand shop there. /hang top HOST"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_type(bot: Night, line: str, says: str) -> None:
    reply = ask(bot, line)
    assert reply.refused
    assert reply.message is not None
    assert says in reply.message.text
