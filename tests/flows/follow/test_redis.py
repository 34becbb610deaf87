"""A client of Redis is told what Redis says of it, or that Redis itself does not answer."""

import os
import signal

from bot.domain.diagnosis import Cause
from bot.ports import Store
from tests.collectors.shells import wait_for_state
from tests.flows.follow.servers import redis
from tests.flows.follow.stage import because, fleet_of, inspected, program, unseen


def test_a_server_that_does_not_answer_is_said(store: Store) -> None:
    with redis() as (port, server), program("mailer", str(port)) as waiter:
        os.kill(server, signal.SIGSTOP)
        try:
            wait_for_state(server, "T")
            found = inspected(fleet_of(store, {"db1": "127.0.0.1"}), "db1", waiter)
        finally:
            os.kill(server, signal.SIGCONT)
    assert found.diagnosis.findings[0].cause is Cause.BLOCKED_DATABASE
    assert f"waits for db1:{port} redis" in because(found)
    assert f"what Redis at db1:{port} does: it gave no answer in time" in unseen(found)
