"""What a server's host answered is read as it is: our session, who is at the end of the chain, or why there is none.

`answer.txt` is what the script of `bot/collectors/servers` printed for the client's port 40000; `expected` says, a line
each, what is read: `kind`, `ours`, its `query`, and `root`, `state` and `client` of who holds it up; `refused` is a part.
"""

from pathlib import Path

import pytest

from bot.collectors import servers

CASES = sorted(path.parent for path in Path(__file__).with_name("servers").glob("*/answer.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_is_read(case: Path) -> None:
    rows = (line.partition(": ") for line in (case / "expected").read_text().splitlines())
    expected = {key: value for key, _, value in rows}
    found = servers.read((case / "answer.txt").read_text(), mark="@@", client_port=40_000)
    assert found.kind == expected["kind"]
    assert expected.get("refused", "") in found.refused
    assert bool(found.refused) == ("refused" in expected)
    ours = found.sessions[0] if found.sessions else None
    assert (ours.id if ours else None) == expected.get("ours")
    root = found.root(ours) if ours else None
    assert (root.id if root else None) == expected.get("root")
    if ours and root:
        assert ours.query == expected["query"]
        assert (root.state, f"{root.client}:{root.client_port}") == (expected["state"], expected["client"])
