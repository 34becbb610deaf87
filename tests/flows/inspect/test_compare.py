"""Several hosts are inspected together: one message, and once the last one is looked at, what differs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.diagnosis import Inspection
from bot.domain.invocations import Invocation, Reply, Via
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation, Posted, flat
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.profile import Profile
from bot.domain.settings import AccessPolicy, EvidenceAudience
from bot.domain.targets import Fleet, HostSpec
from bot.flows import inspect
from handlers import router
from handlers.arguments import parse
from tests.domain.test_comparison import PROFILE, one
from tests.flows.watch.night import ANA, SHOP, Night, NoChat, night
from tests.stores import fresh_store


class Chat(NoChat):
    def __init__(self) -> None:
        self.edits: list[str] = []
        self.whispered: list[Message] = []

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None:
        self.edits.append(message.text)

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        self.whispered.append(message)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    made = night(store)
    hosts = {f"web{n}": HostSpec(name=f"web{n}", services=("shop",)) for n in range(1, 4)} | {
        "db1": HostSpec(name="db1", services=())
    }
    settings = replace(made.services.settings, fleet=Fleet(hosts=hosts, services={"shop": SHOP}))
    made.services = replace(made.services, settings=settings, chat=Chat())
    yield made
    store.close()


def ask(bot: Night, line: str, *, via: Via = Via.SLASH, thread: str | None = None) -> Reply:
    verb, args = parse(line)
    asked = Invocation(
        id=line, actor=ANA, verb=verb, args=args, text=f"/hang {line}", channel="C1", thread_ts=thread, via=via,
        at=bot.clock.now(),
    )  # fmt: skip
    return router.answer(asked, bot.services)


def outcome(host: str, *, profile: Profile = PROFILE) -> Inspection:
    return one(host, profile=profile, hung=host == "web1")


def work(bot: Night, *, only: int = 99) -> list[Job]:
    """Do the waiting inspections, which find what `outcome` says."""
    done: list[Job] = []
    while len(done) < only and (job := bot.store.claim_job(now=bot.clock.now(), worker="w", lease_s=60)):
        host = str(job.payload["host"])
        profile = replace(PROFILE, changed=("config /etc/shop/a.yaml",)) if host == "web1" else PROFILE
        found = replace(outcome(host, profile=profile), id=str(job.payload["inspection"]))
        bot.store.commit(inspections=[found])
        inspect.run_job(job, bot.services)
        done.append(job)
    return done


def text(message: Message) -> str:
    lines = [getattr(section, "lines", ()) or (getattr(section, "line", ()),) for section in message.sections]
    return "\n".join(flat(line) for group in lines for line in group if not hasattr(line, "text"))


def test_all_that_a_pattern_names_are_looked_at_and_told_in_one_thread(bot: Night) -> None:
    reply = ask(bot, "inspect web*")
    assert len(reply.jobs) == 3
    (root,) = bot.said()
    assert root.operation is Operation.POST
    assert "shop on web1, shop on web2, shop on web3" in root.message.text
    assert len(work(bot, only=2)) == 2
    assert bot.said() == [], "before all are done nothing is concluded"
    assert bot.services.chat.edits[-1] == "Looking: 2 of 3 …"  # type: ignore[attr-defined]
    work(bot)
    head, member, compared = bot.said()
    assert {one.subject for one in (head, member, compared)} == {root.subject}
    assert head.message.text == "shop on web1 hangs, 2 others do not."
    assert member.message.metadata is not None
    assert member.message.metadata.payload["verdict"] == "hung"
    assert "config /etc/shop/a.yaml changed there in the last day, and on no other." in text(compared.message)


def test_the_end_is_told_once_even_if_the_last_one_is_done_twice(bot: Night) -> None:
    ask(bot, "inspect web[12] shop")
    (*_, last) = work(bot)
    assert len(bot.said()) == 4
    inspect.run_job(replace(last, attempt=2), bot.services)
    assert bot.said() == []


def test_where_only_the_asker_may_see_the_channel_gets_no_name_of_a_file(bot: Night) -> None:
    policy = AccessPolicy(evidence=EvidenceAudience.ASKER)
    bot.services = replace(bot.services, settings=replace(bot.services.settings, access=policy))
    ask(bot, "inspect web*")
    work(bot)
    assert "a.yaml" not in repr(bot.said())
    (whispered,) = bot.services.chat.whispered  # type: ignore[attr-defined]
    assert "a.yaml" in text(whispered)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("inspect api*", "I know no host api*"),
        ("inspect web* cart", "I know no service cart"),
        ("inspect web* shop pid 7", "I do not understand pid there"),
        ("inspect db*", "names no service"),
        ("compare ins_nothing", "I know no inspection ins_nothing"),
    ],
)
def test_what_names_nothing_is_refused(bot: Night, line: str, says: str) -> None:
    reply = ask(bot, line)
    assert reply.message is not None
    assert says in reply.message.text
    assert reply.jobs == ()


def test_of_many_the_ones_in_trouble_and_some_that_are_well_are_looked_at(bot: Night) -> None:
    hosts = {f"web{n:02}": HostSpec(name=f"web{n:02}", services=("shop",)) for n in range(40)}
    settings = replace(bot.services.settings, fleet=Fleet(hosts=hosts, services={"shop": SHOP}))
    bot.services = replace(bot.services, settings=settings)
    for name in hosts:
        answering(bot, name, well=name != "web33")
    reply = ask(bot, "inspect web*")
    jobs = [bot.store.job(job) for job in reply.jobs]
    looked_at = [str(job.payload["host"]) for job in jobs if job]
    assert (len(looked_at), looked_at[0]) == (8, "web33")
    work(bot)
    *_, compared = bot.said()
    assert "32 more hosts are named by that and not looked at." in text(compared.message)


def answering(bot: Night, host: str, *, well: bool = True) -> None:
    state = ServiceState.ANSWERING if well else ServiceState.SILENT
    seen = Observation(
        host=host, at=bot.clock.now(), outcome=ProbeOutcome.OK, services={"shop": ServiceReading(state=state)}
    )
    bot.store.commit(observations=[seen])


# --- the button


def pressed(bot: Night) -> tuple[Notification, Reply]:
    """Inspect web1, and press `Compare` on what is told."""
    ask(bot, "inspect web1")
    work(bot)
    told = bot.said()
    reply = next(one for one in told if one.operation is Operation.REPLY)
    button = next(
        button
        for section in reply.message.sections
        for button in getattr(section, "buttons", ())
        if button.action == "compare"
    )
    assert button.label == "Compare with web2"
    root = bot.store.posted(reply.subject)
    assert root is not None
    return reply, ask(bot, f"compare {button.value}", via=Via.BUTTON, thread=root.ts)


def test_the_button_lays_a_peer_that_is_well_beside_it_in_the_same_thread(bot: Night) -> None:
    answering(bot, "web2")
    reply, answer = pressed(bot)
    assert len(answer.jobs) == 1
    (job,) = work(bot)
    assert job.payload["host"] == "web2"
    (compared,) = bot.said()
    assert (compared.operation, compared.subject) == (Operation.REPLY, reply.subject)
    assert compared.message.text == "shop on web1 hangs, 1 other does not."
    assert "a.yaml" in text(compared.message)


def test_a_second_press_while_it_looks_is_told_so(bot: Night) -> None:
    answering(bot, "web2")
    _, first = pressed(bot)
    first_id = next(iter(first.jobs))
    job = bot.store.job(first_id)
    assert job is not None
    again = ask(bot, f"compare {str(job.payload['members']).split()[0]}", via=Via.BUTTON)
    assert again.message is not None
    assert "already" in again.message.text


def test_without_a_peer_that_is_well_there_is_no_button_and_a_typed_line_says_why(bot: Night) -> None:
    ask(bot, "inspect web1")
    (job,) = work(bot)
    assert not any(
        getattr(section, "buttons", ()) for note in bot.said() for section in note.message.sections
    )
    refused = ask(bot, f"compare {job.payload['inspection']}")
    assert refused.message is not None
    assert "No other host runs the service of shop on web1" in refused.message.text


def test_typed_it_gets_a_thread_of_its_own(bot: Night) -> None:
    answering(bot, "web3")
    bot.store.commit(inspections=[outcome("web1")])
    ask(bot, "compare ins_web1")
    (root,) = bot.said()
    assert root.message.text.startswith("ana asked: looking at shop on web1, shop on web3")
    work(bot)
    assert [one.operation for one in bot.said()] == [Operation.EDIT, Operation.REPLY, Operation.REPLY]
