"""A real browser for tests of the page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip

needs_browser = pytest.mark.skipif(FOUND is None, reason="needs Chromium: apt-get install chromium")


@contextmanager
def running_browser() -> "Iterator[Browser]":
    """Start Chromium without a window, yield it, end it. It asks nothing of the network by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=FOUND, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()
