"""What hosts in trouble share and others do not."""

import pytest

from bot.domain.common_cause import CommonCause, common_cause
from bot.domain.targets import HostSpec

BASTION, OTHER = HostSpec(name="b1"), HostSpec(name="b2")


def fleet() -> dict[str, HostSpec]:
    """Twelve hosts: even ones in eu, every third a db, the first four behind b1, four in each /24."""
    return {
        f"h{n}": HostSpec(
            name=f"h{n}",
            address=f"10.0.{n // 4}.{n}",
            zone="eu" if n % 2 == 0 else "us",
            labels={"role": "db" if n % 3 == 0 else "web", "all": "same"},
            jump=BASTION if n < 4 else OTHER if n < 8 else None,
        )
        for n in range(12)
    }


@pytest.mark.parametrize(
    ("affected", "wanted"),
    [
        ("h0 h2 h4 h6 h8 h10", CommonCause(kind="zone", name="eu", affected=6, having=6)),
        ("h0 h2 h4 h8", CommonCause(kind="zone", name="eu", affected=4, having=6)),
        ("h0 h3 h6 h9", CommonCause(kind="label", name="role=db", affected=4, having=4)),
        ("h0 h1 h2 h3", CommonCause(kind="jump", name="b1", affected=4, having=4)),
        ("h8 h9 h10 h11", CommonCause(kind="network", name="10.0.2.0/24", affected=4, having=4)),
        ("h0 h1 h4 h9", None),
        (" ".join(f"h{n}" for n in range(12)), None),
        ("h0 h2", None),
        ("h0 h2 h4 gone", None),
    ],
)
def test_the_narrowest_thing_that_all_share_is_told(affected: str, wanted: CommonCause | None) -> None:
    assert common_cause(affected.split(), fleet()) == wanted


def test_what_the_whole_fleet_shares_tells_nothing() -> None:
    hosts = {f"h{n}": HostSpec(name=f"h{n}", zone="eu") for n in range(9)}
    assert common_cause([*hosts][:5], hosts) is None
