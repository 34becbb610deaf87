"""The short form of the campaign: a bot killed at random and at each step of a delivery loses and doubles nothing."""

from pathlib import Path

import pytest

from tests.faults.campaign import POINTS, Campaign, workspace
from tests.sandbox_process import running_sandbox


@pytest.mark.timeout(400)  # a busy machine takes its time to start a dozen bots
def test_killed_again_and_again_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with running_sandbox(workspace()) as sandbox:
        count = Campaign(sandbox, tmp_path, seed=5).run(kills=8, at_points=1)
    print(count.told())
    assert count.lost == []
    assert count.doubled == []
    assert count.left == 0
    assert count.kills + sum(count.at_points.values()) == 8 + len(POINTS)
    assert count.transitions > 0
