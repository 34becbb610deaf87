"""The rules that hold without any config. Each says why its numbers are what they are."""

from bot.domain.alerts import Severity
from bot.domain.rule import Rule

MINUTE_S = 60.0
WHERE_ASKED = frozenset(("check_failed", "front_silent", "port_silent"))
"""These say nothing where nothing is asked: no check of the config, no front, sockets that cannot be seen."""

BUILTIN: tuple[Rule, ...] = (
    Rule(
        name="service_silent",
        severity=Severity.CRITICAL,
        attempts=3,
        for_s=30.0,
        keep_firing_s=15.0,
        inspect=True,
        about_service=True,
        why="Three failures in a row outlast one lost packet or one slow garbage collection; 30 s outlast a reload. "
        "Users feel a silent service at once, so it waits no longer.",
    ),
    Rule(
        name="service_degraded",
        severity=Severity.WARNING,
        for_s=2 * MINUTE_S,
        keep_firing_s=2 * MINUTE_S,
        inspect=True,
        about_service=True,
        why="3 failures of the last 10 asks, with answers in between, are more than a lost packet; one outage does not "
        "count, it is silence. A request that takes a worker for 2 min is no request any more: `for` is how long one "
        "is stuck. Most users are still served, so nobody is woken.",
    ),
    Rule(
        name="port_silent",
        severity=Severity.WARNING,
        attempts=2,
        for_s=30.0,
        keep_firing_s=15.0,
        why="Connections are accepted in the order they came: one that waits in two rounds proves that none was accepted "
        "in between, whatever the load. Ports of no service of the config have nobody's word that they matter: a warning.",
    ),
    Rule(
        name="check_failed",
        severity=Severity.WARNING,
        attempts=2,
        for_s=2 * MINUTE_S,
        keep_firing_s=MINUTE_S,
        why="Checks of the config are asked once a minute: 2 min are two answers, so that one lost packet tells nobody. A "
        "check that says critical is critical; one that cannot tell says nothing.",
    ),
    Rule(
        name="front_silent",
        severity=Severity.CRITICAL,
        attempts=3,
        for_s=30.0,
        keep_firing_s=15.0,
        about_service=True,
        why="Users cannot tell a dead proxy from a dead service: as grave as silence, and as patient. Judged only while the "
        "service itself answers, so that it is told once.",
    ),
    Rule(
        name="service_down",
        severity=Severity.CRITICAL,
        attempts=2,
        for_s=30.0,
        keep_firing_s=15.0,
        about_service=True,
        why="A service manager restarts a dead process within seconds; gone for 30 s and seen twice, it stays gone. "
        "There is no process to look into, so nothing is inspected.",
    ),
    Rule(
        name="host_unreachable",
        severity=Severity.WARNING,
        attempts=3,
        for_s=3 * MINUTE_S,
        keep_firing_s=15.0,
        why="Most reboots are over in 3 min. Not seeing a host says nothing of what runs there: a warning, unless "
        "the host is labelled `severity: critical`. A changed host key is told at once.",
    ),
    Rule(
        name="load_high",
        severity=Severity.INFO,
        when="psi_cpu_some_avg10 > 60",
        otherwise="load1 / cores > 4",
        for_s=10 * MINUTE_S,
        keep_firing_s=2 * MINUTE_S,
        why="A load spike is usually nothing, so nobody is told. Pressure says that work waits; load also counts "
        "what only sleeps in the kernel, so it is asked only where a kernel has no pressure readings.",
    ),
    Rule(
        name="memory_low",
        severity=Severity.WARNING,
        when="mem_available_bytes / mem_total_bytes < 5% and psi_memory_full_avg10 > 5",
        for_s=5 * MINUTE_S,
        keep_firing_s=2 * MINUTE_S,
        why="Little free memory alone is how a good cache looks; only with everything waiting for memory 5 % of "
        "the time is it a fault.",
    ),
    Rule(
        name="disk_full",
        severity=Severity.WARNING,
        for_s=10 * MINUTE_S,
        keep_firing_s=2 * MINUTE_S,
        why="3 % of a large disk lasts for weeks and 10 GiB of a small one may be plenty: both must be short. "
        "A log rotation frees space within 10 min. How fast it fills is not judged in this version.",
    ),
)
