"""What was read on a host is shown to whom `access.evidence` says: in the channel, to the asker alone, or to operators."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Place, Verdict
from bot.domain.evidence import Process
from bot.domain.invocations import Actor, Invocation
from bot.domain.jobs import Job
from bot.domain.messages import Attachment, Message, Posted
from bot.domain.settings import AccessPolicy, EvidenceAudience
from bot.domain.targets import Target
from bot.flows import inspect
from tests.flows.watch.night import ANA, Night, NoChat, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
SHOP = Target(host="web1", service="shop")
SECRET = "launch-code-7134"


class Whispers(NoChat):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str, Message]] = []
        self.files: list[tuple[str, Attachment]] = []

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        self.heard.append((channel, user, message))

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        return Posted(channel=f"D{channel}", ts="1.0")

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        self.files.append((posted.channel, attachment))


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    made = night(store)
    made.services = replace(made.services, chat=Whispers())
    yield made
    store.close()


def found(identity: str) -> Inspection:
    """Return an inspection whose every part that was read on the host holds the secret."""
    place = Place(file="/srv/shop/cart.py", line=42, function="total", source=f"key = '{SECRET}'")
    finding = Finding(
        cause=Cause.BUSY_LOOP,
        confidence=0.9,
        culprit=place,
        because=(clue("exit_unchanged", line=42, names=SECRET),),
    )
    return Inspection(
        id=identity,
        target=SHOP,
        at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC),
        diagnosis=Diagnosis(verdict=Verdict.HUNG, findings=(finding,)),
        next=None,
        process=Process(
            pid=1, started_at=datetime(2026, 11, 24, 1, 0, tzinfo=UTC), command="shop", runtime="python 3.12"
        ),
        snippet=((42, f"key = '{SECRET}'"),),
        stacks=SECRET,
    )


def look(
    bot: Night, audience: EvidenceAudience, asker: Actor | None
) -> tuple[str, list[tuple[str, str, str]]]:
    """Ask, let a worker do it; return what the channel got and what was whispered."""
    policy = AccessPolicy(operators=("U0ANA",), evidence=audience)
    bot.services = replace(bot.services, settings=replace(bot.services.settings, access=policy))
    bot.fire()
    bot.said()
    alert = next(iter(bot.store.alerts(unresolved=True)))
    asked = asker and Invocation(
        id="i1", actor=asker, verb="inspect", text="/hang inspect web1", channel="C1", at=bot.clock.now()
    )
    notifications, job = inspect.request(
        bot.services, target=SHOP, pid=None, invocation=asked, alert=None if asker else alert
    )
    key = f"inspect:{audience}"
    job = replace(job, key=key)
    bot.store.commit(
        notifications=notifications, jobs=[job], inspections=[found(str(job.payload["inspection"]))]
    )
    claimed: Job | None = None
    while claimed is None or claimed.id != job.id:
        claimed = bot.store.claim_job(now=bot.clock.now(), worker="w", lease_s=60)
        assert claimed is not None
    inspect.run_job(claimed, bot.services)
    whispers = bot.services.chat
    assert isinstance(whispers, Whispers)
    return repr([one.message for one in bot.said()]), [(c, u, repr(m)) for c, u, m in whispers.heard]


@pytest.mark.parametrize("asker", [ANA, EVE, None], ids=["operator", "member", "by itself"])
def test_in_the_channel_by_default(bot: Night, asker: Actor | None) -> None:
    channel, whispered = look(bot, EvidenceAudience.CHANNEL, asker)
    assert SECRET in channel
    assert whispered == []


@pytest.mark.parametrize("asker", [ANA, EVE], ids=["operator", "member"])
def test_to_the_asker_alone(bot: Night, asker: Actor) -> None:
    channel, whispered = look(bot, EvidenceAudience.ASKER, asker)
    assert SECRET not in channel
    assert "cart.py line 42" in channel, "cause and place are no secret"
    ((where, user, shown),) = whispered
    assert (where, user) == ("C1", asker.id)
    assert SECRET in shown
    assert isinstance(bot.services.chat, Whispers)
    ((direct, file),) = bot.services.chat.files
    assert (direct, file.content) == (f"D{asker.id}", SECRET), "a file cannot be whispered"


def test_to_operators_and_to_nobody_else(bot: Night) -> None:
    channel, whispered = look(bot, EvidenceAudience.OPERATORS, EVE)
    assert SECRET not in channel
    assert whispered == []


def test_to_the_operator_who_asked(bot: Night) -> None:
    channel, whispered = look(bot, EvidenceAudience.OPERATORS, ANA)
    assert SECRET not in channel
    assert [user for _, user, _ in whispered] == ["U0ANA"]


@pytest.mark.parametrize("audience", [EvidenceAudience.ASKER, EvidenceAudience.OPERATORS])
def test_what_the_bot_finds_by_itself_is_then_shown_to_nobody(bot: Night, audience: EvidenceAudience) -> None:
    channel, whispered = look(bot, audience, None)
    assert SECRET not in channel
    assert "cart.py line 42" in channel
    assert whispered == []
