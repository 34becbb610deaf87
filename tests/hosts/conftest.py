"""What the tests of hosts share as fixtures."""

import pytest

from tests.hosts.stand import WAYS, Way


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    """How the host is asked."""
    found: Way = request.param
    return found
