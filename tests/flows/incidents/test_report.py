"""The report: one fixed incident as a file, and what it says when things are missing, hostile or hidden.

After a change that is meant: `.venv/bin/python -m tests.flows.incidents.golden` writes the expected file anew.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.diagnosis import Cause, Diagnosis, Verdict
from bot.domain.messages import Text, When, code, say
from bot.domain.observations import ServiceState
from bot.domain.settings import AccessPolicy, EvidenceAudience
from bot.flows import incidents, respond
from bot.ports import Store
from bot.present.report import markdown as md
from bot.present.report.regression import IDEAS, suggestion
from tests.flows.incidents.golden import EXPECTED, a_whole_night
from tests.flows.incidents.stage import asked, inspected, looked, shown
from tests.flows.watch.night import ANA, START, Night


def section(content: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", content, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_a_fixed_night_makes_the_expected_report(store: Store) -> None:
    incident, services = a_whole_night(store)
    report = incidents.report(incident, services)
    assert report.name == "report-INC-1.md"
    assert report.content == EXPECTED.read_text(encoding="utf-8")
    assert incidents.report(incident, services) == report


def test_the_report_has_one_title_and_its_parts_in_the_agreed_order(store: Store) -> None:
    content = incidents.report(*a_whole_night(store)).content
    heads = re.findall(r"^#+ .*$", re.sub(r"```.*?```", "", content, flags=re.DOTALL), re.MULTILINE)
    assert heads[0].startswith("# INC-1: ")
    assert [one.removeprefix("## ") for one in heads[1:]] == [
        "Times", "Impact", "The line", "Timeline", "Acts", "How did nobody notice?", "Which test would have caught this?",
        "Which probe, sooner?", "Actions", "Notes", "How this document was made",
    ]  # fmt: skip


def test_every_row_of_every_table_has_as_many_cells_as_its_head(store: Store) -> None:
    content = incidents.report(*a_whole_night(store)).content
    for table in re.findall(r"(?:^\|.*\|\n)+", content, re.MULTILINE):
        cells = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(cells)) == 1, table


def test_what_is_said_beside_the_report_is_short(store: Store) -> None:
    message = incidents.reported(*a_whole_night(store))
    said = shown(message)
    assert "Told after 30 s" in said
    assert "Mitigated after 1 min 34 s" in said
    assert "The line inherited, session.py line 41: endless recursion" in said
    assert message.attachment is not None
    assert len(said) < 700


def test_a_report_of_an_incident_of_which_nothing_is_known_says_so(calm: Night) -> None:
    incidents.open_incident(calm.services, actor=ANA, title="customers cannot pay")
    (incident,) = calm.store.incidents()
    content = incidents.report(incident, calm.services).content
    assert "No alert of mine belongs to it. The incident is open as of 2026-11-24 02:58:20 UTC." in content
    assert "I noticed nothing" in section(content, "How did nobody notice?")
    assert "there is no line" in section(content, "The line")
    assert "no test can be derived" in section(content, "Which test would have caught this?")
    assert "not recorded" in section(content, "Times")


@pytest.mark.parametrize("audience", [EvidenceAudience.ASKER, EvidenceAudience.OPERATORS])
def test_what_was_read_on_a_host_is_left_out_where_the_channel_may_not_see_it(
    store: Store, audience: EvidenceAudience
) -> None:
    incident, services = a_whole_night(store)
    assert "PARENTS[tenant]" in incidents.report(incident, services).content
    settings = replace(services.settings, access=AccessPolicy(evidence=audience))
    content = incidents.report(incident, replace(services, settings=settings)).content
    assert "PARENTS" not in content
    assert "call each other" not in content
    assert "`inherited`, `session.py` line 41" in content, "the headline is told to all"
    for part in ("The line", "Which test would have caught this?"):
        assert "`access.evidence`" in section(content, part)


def test_secrets_are_taken_out_before_the_report_leaves(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert, title="token=hunter2 leaked")
    (incident,) = firing.store.incidents()
    found = looked(firing.clock.now())
    source = ((41, 'password = "hunter2"'), (42, "x = 'xoxb-hunter2-1'"))
    inspected(firing, replace(found, snippet=source))
    incidents.note(
        firing.services,
        invocation=asked(firing),
        text="db password: hunter2",
        about=incident,
        said_there=True,
    )
    firing.clock.at += timedelta(seconds=1)
    incidents.resolve(firing.services, actor=ANA, incident=incident, text="PGPASSWORD=hunter2 psql")
    (incident,) = firing.store.incidents()
    content = incidents.report(incident, firing.services).content
    assert "hunter2" not in content
    assert content.count("•••") >= 5


@pytest.mark.parametrize(
    "words",
    ["a | b `c` # d", "# no title", "1. no list", "- no list", "> no quote", "[x](http://evil)", "<b>html</b> <!-- -->",
     "@here @channel <!channel>", "\u202eabc\u200b", "**loud** _it_ ~~gone~~", "line\nbreak | x", "```\nfence\n```", "a\\|b", "$x$"],
)  # fmt: skip
def test_foreign_text_stays_text(words: str, firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert, title=words)
    (incident,) = firing.store.incidents()
    incidents.note(firing.services, invocation=asked(firing), text=words, about=incident, said_there=True)
    content = incidents.report(incident, firing.services).content
    assert not re.search(r"(?<!\\)\[x|<b>|<!|@here|@channel|\u202e|\u200b", content)
    assert len(re.findall(r"^# ", content, re.MULTILINE)) == 1
    for row in re.findall(r"^\|.*$", content, re.MULTILINE):
        assert row.endswith("|")
    notes = [row for row in section(content, "Notes").splitlines() if row.strip()]
    assert len(notes) == 1
    assert notes[0].startswith("- ")


# --- Markdown


@pytest.mark.parametrize(
    ("content", "shown_as"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a|b", "`a\\|b`"),
        ("a\nb", "`a b`"),
        ("", ""),
        ("``", "``` `` ```"),
    ],
)
def test_code_is_literal_whatever_is_in_it(content: str, shown_as: str) -> None:
    assert md.code(content) == shown_as


def test_a_code_block_is_not_ended_by_what_is_in_it() -> None:
    assert md.fence(["x", "````", "y"]) == ["`````", "x", "````", "y", "`````"]


@given(st.text())
def test_whatever_is_written_stays_in_its_cell_and_on_its_line(content: str) -> None:
    for made in (md.text(content), md.code(content)):
        assert made == "".join(made.splitlines())
        assert not re.search(r"(?<!\\)\|", made)
    assert not re.search(r"<|@(?!\u2060)|(?<!\\)[`\[\]]", md.text(content))
    block = md.fence([content])
    assert len(block) == 3
    assert block[0] not in block[1]


def test_a_line_of_a_message_becomes_markdown() -> None:
    spans = (
        *say("a*b ", code("f|g"), " at "),
        When(at=START, fallback="03:58"),
        Text(text=" x ", style="bold"),
    )
    assert md.line(spans) == "a\\*b `f\\|g` at 03:58**x**"


# --- the test that would have caught it


@pytest.mark.parametrize("cause", [one for one in Cause if one not in (Cause.IDLE, Cause.UNKNOWN)])
def test_every_cause_has_a_test_to_propose(cause: Cause) -> None:
    inspection = looked(START)
    finding = replace(inspection.diagnosis.findings[0], cause=cause)
    found = replace(inspection, diagnosis=Diagnosis(verdict=Verdict.HUNG, findings=(finding,)))
    lines = suggestion(found)
    assert lines[0] == lines[0].strip()
    assert "{" not in lines[0]
    assert set(IDEAS) == set(Cause) - {Cause.IDLE, Cause.UNKNOWN}


def test_the_beginning_of_a_test_is_python_that_fails_by_a_timeout() -> None:
    lines = suggestion(looked(START))
    source = "\n".join(lines[lines.index("```python") + 1 : -1])
    compile(source, "stub.py", "exec")
    assert "Settings(...).inherited(tenant=..., key=...)" in source
    assert "# called from theme, views.py line 17" in source
    assert "from session import Settings" in source
    assert "def test_settings_inherited_comes_to_an_end():" in source
    assert "faulthandler.dump_traceback_later(5, exit=True)" in source


@pytest.mark.parametrize(
    ("file", "function"),
    [
        ("/srv/my-shop/views.py", "handler.<locals>.inner"),
        ("/srv/1shop.py", "f"),
        ("/srv/import.py", "f"),
        ("/srv/shop.py", "<lambda>"),
        ("/srv/sh`op.py", "x; import os"),
        ("/srv/a.py", "f\nimport os"),
    ],
)
def test_a_name_that_python_could_not_import_is_not_put_into_code(file: str, function: str) -> None:
    inspection = looked(START)
    finding = inspection.diagnosis.findings[0]
    assert finding.culprit is not None
    odd = replace(finding, culprit=replace(finding.culprit, file=file, function=function))
    lines = suggestion(replace(inspection, diagnosis=Diagnosis(verdict=Verdict.HUNG, findings=(odd,))))
    source = "\n".join(one for one in lines[lines.index("```python") + 1 : -1])
    compile(source, "stub.py", "exec")
    assert not re.search(r"^(?:import os|.*; import os)", re.sub(r"#.*", "", source), re.MULTILINE)


def test_a_program_in_another_language_gets_the_place_and_no_python() -> None:
    inspection = looked(START)
    finding = inspection.diagnosis.findings[0]
    assert finding.culprit is not None
    java = replace(finding, culprit=replace(finding.culprit, file="/srv/Shop.java"))
    lines = suggestion(replace(inspection, diagnosis=Diagnosis(verdict=Verdict.HUNG, findings=(java,))))
    assert "```python" not in lines
    assert lines[-1] == "It stands in `/srv/Shop.java` line 41."


# --- nights that went on


def test_a_service_that_fell_silent_twice_is_told_so(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    firing.calm()
    for _ in range(4):
        firing.round(ServiceState.SILENT)
    (incident,) = firing.store.incidents()
    content = incidents.report(incident, firing.services).content
    assert "shop on web1 was silent twice, since 2026-11-24 02:58:40 UTC, and still was" in content
    assert "was silent for 40 s, and still was when this was written" in section(content, "Impact")
    firing.calm()
    content = incidents.report(incident, firing.services).content
    assert "shop on web1 was silent twice, for 1 min 20 s in all" in content
    assert "was silent for 40 s and for 40 s (" in section(content, "Impact")
    assert "1 min 50 s after the first bad sample" in section(content, "Times")


def test_an_alert_that_a_silence_held_back_is_not_called_told(calm: Night) -> None:
    respond.silence(calm.services, actor=ANA, scope=respond.Scope(host="web1"), seconds=3600)
    calm.fire()
    (alert,) = calm.store.alerts()
    incidents.open_incident(calm.services, actor=ANA, alert=alert)
    (incident,) = calm.store.incidents()
    content = incidents.report(incident, calm.services).content
    assert "It fired 30 s after its first bad sample, and was held back then." in content


def test_what_the_database_has_forgotten_leaves_its_headlines(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    inspected(firing, looked(firing.clock.now()))
    firing.calm()
    (incident,) = firing.store.incidents()
    incidents.resolve(firing.services, actor=ANA, incident=incident)
    firing.clock.at += timedelta(days=91)
    firing.store.prune(now=firing.clock.now())
    (incident,) = firing.store.incidents()
    content = incidents.report(incident, firing.services).content
    assert "Its alerts are so old that they are no longer kept. It was stuck in `inherited`" in content
    assert "alert: **shop on web1** does not answer" in section(content, "Timeline")
    assert "`inherited`, `session.py` line 41: endless recursion. The look itself" in section(
        content, "The line"
    )
    assert "30 s after the first bad sample" in section(content, "Times")
