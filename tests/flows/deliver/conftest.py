"""One sandbox for all that deliver; each test leaves it healed and without a broken rule."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.deliver.stage import Stage, channels, stage, workspace
from tests.sandbox_process import Sandbox, running_sandbox
from tests.stores import fresh_store


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


@pytest.fixture(scope="module")
def fresh_channels() -> Iterator[str]:
    return channels()


@pytest.fixture
def out(sandbox: Sandbox, fresh_channels: Iterator[str], tmp_path: Path) -> Iterator[Stage]:
    """An outbox whose clock is set by hand."""
    yield from _staged(sandbox, next(fresh_channels), tmp_path, real_time=False)


@pytest.fixture
def out_in_real_time(sandbox: Sandbox, fresh_channels: Iterator[str], tmp_path: Path) -> Iterator[Stage]:
    yield from _staged(sandbox, next(fresh_channels), tmp_path, real_time=True)


def _staged(sandbox: Sandbox, channel: str, folder: Path, *, real_time: bool) -> Iterator[Stage]:
    store = fresh_store(folder)
    before = len(sandbox.violations())
    yield stage(sandbox, store, channel, real_time=real_time)
    store.close()
    sandbox.heal()
    assert sandbox.violations()[before:] == []


@pytest.fixture
def until() -> Callable[..., None]:
    """Poll a look until it is true, or fail."""

    def wait(look: Callable[[], object], *, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not look():
            if time.monotonic() > end:
                pytest.fail(f"not within {seconds:g} s")
            time.sleep(0.1)

    return wait
