"""What PagerDuty sends of those who were paged, well and badly."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outside import BadDocument
from bot.domain.paged import PageAnswer, read_pagerduty

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ANA = {
    "id": "PXPGF42",
    "type": "user_reference",
    "summary": "Ana Lee",
    "html_url": "https://x.pagerduty.com/u",
}


def event(kind: str = "incident.acknowledged", *, agent: object = ANA, **incident: object) -> dict[str, Any]:
    data = {
        "id": "PT4KHLK",
        "type": "incident",
        "incident_key": "alr_1",
        "status": "acknowledged",
        **incident,
    }
    return {
        "event": {
            "id": "01BZ",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": "2026-11-24T03:59:00.000Z",
            "agent": agent,
            "client": None,
            "data": data,
        }
    }


def test_who_acknowledges_there_is_named() -> None:
    assert read_pagerduty(event(), now=NOW) == PageAnswer(
        at=datetime(2026, 11, 24, 3, 59, tzinfo=UTC),
        key="alr_1",
        by="pagerduty:PXPGF42",
        name="Ana Lee (PagerDuty)",
    )


@pytest.mark.parametrize(
    "document",
    [
        event("incident.triggered"),
        event("incident.resolved"),
        event("service.updated"),
        event("pagey.ping"),
        event(agent=None),
        # an integration, which is how our own acknowledgements come back
        event(agent={"id": "PE1", "type": "inbound_integration_reference", "summary": "hangbot"}),
        event(agent={"type": "user_reference"}),
        event(incident_key=None),
        event(incident_key=7),
    ],
)
def test_all_else_is_no_answer(document: object) -> None:
    assert read_pagerduty(document, now=NOW) is None


@pytest.mark.parametrize("document", [None, [], {}, {"event": 1}, {"messages": []}])
def test_what_is_none_of_its_webhooks_is_told_what_to_send(document: object) -> None:
    with pytest.raises(BadDocument, match="version 3"):
        read_pagerduty(document, now=NOW)


def test_a_name_is_one_short_line() -> None:
    found = read_pagerduty(event(agent={**ANA, "summary": "Ana\n<!channel>" + "x" * 500}), now=NOW)
    assert found is not None
    assert "\n" not in found.name
    assert len(found.name) < 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON, JSON)
def test_any_document_is_an_answer_or_none_or_an_error_that_says_so(
    key: object, agent: object, at: object, data: object
) -> None:
    made = event(agent=agent, incident_key=key)
    made["event"]["occurred_at"] = at
    for document in (made, {"event": {**made["event"], "data": data}}, data):
        with suppress(BadDocument):
            read_pagerduty(document, now=NOW)
