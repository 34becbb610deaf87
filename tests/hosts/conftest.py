"""What the tests of hosts share as fixtures."""

import pytest

from tests.hosts.stand import WAYS, Asking


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Asking:
    """How the host is asked."""
    found: Asking = request.param
    return found
