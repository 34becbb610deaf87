"""What SSH and local hosts have in common when they take a sample."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.domain.errors import HostFailure
from bot.domain.observations import HttpAnswer, ProbeOutcome
from bot.domain.targets import ServiceSpec
from bot.hosts import framing, scripts
from bot.ports import Completed

MOST_AT_ONCE = 8
SAMPLE_BYTES = 2_000_000
CPU_MEMORY_S = 600.0


class CpuMemory:
    """The last CPU line, so that only a first look needs a second one."""

    def __init__(self) -> None:
        self._line, self._at = "", 0.0

    def fresh(self) -> str:
        return self._line if time.monotonic() - self._at < CPU_MEMORY_S else ""

    def beside(self, sections: dict[str, str]) -> dict[str, str]:
        """Return a sample's sections with the line before, and keep the one in them for the next."""
        if before := self.fresh():
            sections["cpu_before"] = before
        if line := sections.get("cpu_again") or sections.get("cpu"):
            self._line, self._at = line, time.monotonic()
        return sections


def arguments(services: Sequence[ServiceSpec], *, mark: str, look: bool) -> list[str]:
    """Return the arguments of scripts.SAMPLE."""
    words = [mark, "look" if look else ""]
    for service in services:
        words += [service.name, service.unit or "", service.process or ""]
    return words


def sample_sections(
    run: Callable[[Sequence[str]], Completed], services: Sequence[ServiceSpec], memory: CpuMemory
) -> dict[str, str]:
    """Run the sample's script and split its answer. Raises HostFailure where the answer is not whole."""
    mark = framing.new_mark()
    done = run(arguments(services, mark=mark, look=not memory.fresh()))
    found = scripts.sections(done.stdout.decode(errors="replace"), mark)
    if done.truncated:
        raise HostFailure(ProbeOutcome.ERROR, f"its answer is longer than {SAMPLE_BYTES} bytes")
    if found.pop("end", None) is None:
        complaint = " ".join(done.stderr.decode(errors="replace").split())[:100]
        raise HostFailure(ProbeOutcome.ERROR, f"its answer is cut off{': ' if complaint else ''}{complaint}")
    return memory.beside(found)


def ask_all(
    services: Sequence[ServiceSpec],
    ask: Callable[[ServiceSpec], HttpAnswer],
    meanwhile: Callable[[], dict[str, str]],
) -> tuple[dict[str, str], dict[str, HttpAnswer]]:
    """Ask all health URLs at once while `meanwhile` takes the rest; raise what `meanwhile` raises, after all ended."""
    asked = [service for service in services if service.http]
    if not asked:
        return meanwhile(), {}
    with ThreadPoolExecutor(min(MOST_AT_ONCE, len(asked)), thread_name_prefix="ask") as pool:
        waiting = {service.name: pool.submit(ask, service) for service in asked}
        found = meanwhile()
    return found, {name: future.result() for name, future in waiting.items()}
