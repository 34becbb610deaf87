"""The same hang has the same fingerprint on every host, after every deploy, on every Python; another hang has another one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.diagnosis import Cause, Finding, Place
from bot.domain.evidence import Evidence, Process
from bot.domain.fingerprint import fingerprint, relative, root
from bot.domain.stacks import Dump, Frame, Origin, ThreadStack, origin

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PACKAGES = "/srv/shop/venv/lib/python3.12/site-packages"


def evidence(*frames: tuple[str, int, str], folder: str = "") -> Evidence:
    """Return the evidence of one thread, its frames innermost first."""
    stack = tuple(
        Frame(file=file, line=line, function=function, origin=origin(file)) for file, line, function in frames
    )
    return Evidence(
        host="web1",
        service="shop",
        process=Process(pid=4021, started_at=NOW, command="shop", runtime="python 3.12"),
        at=NOW,
        dumps=(Dump(at_ms=0.0, threads=(ThreadStack(tid=1, frames=stack),)),),
        folder=folder,
    )


def place(file: str, line: int, function: str) -> Place:
    return Place(file=file, line=line, function=function)


def loop(file: str = "/srv/shop/cart.py", line: int = 42, function: str = "total") -> Finding:
    return Finding(cause=Cause.BUSY_LOOP, confidence=0.9, culprit=place(file, line, function))


def started_in(folder: str, *, line: int = 42, function: str = "total") -> str:
    """Return the fingerprint of a loop in the program `main.py` of a folder."""
    file = f"{folder}/pricing/cart.py"
    seen = evidence((file, line, function), (f"{folder}/main.py", 7, "<module>"))
    return fingerprint(loop(file, line, function), seen)


@pytest.mark.parametrize(
    "folder",
    [
        "/home/shop/app",
        "/srv/shop/releases/20261124120000",
        "/srv/shop/releases/4f2a91c",
        "/opt/shop/v2.14.1",
        "/app",
    ],
)
def test_wherever_it_is_deployed(folder: str) -> None:
    assert started_in(folder) == started_in("/srv/shop")


def test_whatever_was_edited_above_the_line() -> None:
    assert started_in("/srv/shop", line=57) == started_in("/srv/shop", line=42)


def test_whether_names_are_qualified_or_bare() -> None:
    qualified = started_in("/srv/shop", function="Cart.total")
    assert qualified == started_in("/srv/shop", function="total")
    assert started_in("/srv/shop", function="Cart.add") != qualified


def test_whether_a_comprehension_is_a_frame_of_its_own() -> None:
    own = evidence(
        ("/srv/shop/cart.py", 42, "<dictcomp>"),
        ("/srv/shop/cart.py", 42, "<listcomp>"),
        ("/srv/shop/cart.py", 41, "total"),
        ("/srv/shop/main.py", 7, "<module>"),
    )
    inlined = evidence(("/srv/shop/cart.py", 42, "Cart.total"), ("/srv/shop/main.py", 7, "<module>"))
    assert fingerprint(loop(function="<dictcomp>"), own) == fingerprint(loop(function="Cart.total"), inlined)


def test_a_release_folder_below_the_working_folder_does_not_count() -> None:
    def served(release: str) -> str:
        file = f"/srv/shop/releases/{release}/cart.py"
        seen = evidence((file, 42, "total"), folder="/srv/shop")
        return fingerprint(loop(file), seen)

    assert served("20261123") == served("20261124")


def test_a_library_is_the_same_in_every_environment_but_not_called_from_elsewhere() -> None:
    def called(packages: str, caller: str) -> str:
        file = f"{packages}/pricing/cart.py"
        found = replace(loop(file), called_from=place("/srv/shop/views.py", 17, caller))
        return fingerprint(
            found, evidence((file, 42, "total"), ("/srv/shop/views.py", 17, caller), folder="/srv/shop")
        )

    here = called(PACKAGES, "checkout")
    assert called("/usr/lib/python3/dist-packages", "checkout") == here
    assert called("/opt/py38/lib/python3.8/site-packages/pricing-2.1-py3.8.egg", "checkout") == here
    assert called(PACKAGES, "refund") != here


def test_a_circle_is_the_same_wherever_it_is_entered() -> None:
    get, inherited = place("/srv/shop/session.py", 30, "get"), place("/srv/shop/session.py", 41, "inherited")
    one = Finding(
        cause=Cause.INFINITE_RECURSION, confidence=0.95, culprit=inherited, cycle=(get, inherited), threads=()
    )
    other = replace(one, culprit=get, cycle=(inherited, get))
    seen = evidence(("/srv/shop/session.py", 41, "inherited"), folder="/srv/shop")
    assert fingerprint(one, seen) == fingerprint(other, seen)


@pytest.mark.parametrize(
    "other",
    [
        replace(loop(), cause=Cause.SLOW_PROGRESS),
        loop(function="add"),
        loop(file="/srv/shop/stock.py"),
        loop(file="/srv/shop/orders/cart.py"),
    ],
    ids=["cause", "function", "file", "folder"],
)
def test_another_hang_has_another_one(other: Finding) -> None:
    seen = evidence(("/srv/shop/cart.py", 42, "total"), ("/srv/shop/main.py", 7, "<module>"))
    assert fingerprint(other, seen) != fingerprint(loop(), seen)


def test_what_names_no_place_has_none() -> None:
    assert fingerprint(Finding(cause=Cause.STOPPED, confidence=0.97), evidence()) == ""


def test_the_application_is_where_the_program_it_was_started_with_stands() -> None:
    imported = evidence(
        ("/srv/shop/plugins/tax.py", 3, "<module>"), ("/srv/shop/main.py", 7, "<module>"), folder="/"
    )
    assert root(imported) == "/srv/shop"


def test_of_a_server_from_a_bin_folder_it_is_where_the_process_works() -> None:
    served = (("/srv/shop/views.py", 17, "checkout"), ("/srv/shop/venv/bin/gunicorn", 8, "<module>"))
    assert root(evidence(*served, folder="/srv/shop")) == "/srv/shop"
    assert root(evidence(*served, folder="/")) == ""


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/usr/lib/python3.11/threading.py", "threading.py"),
        ("/opt/pyenv/lib/python3.13t/queue.py", "queue.py"),
        ("/usr/lib/python312.zip/json/decoder.py", "json/decoder.py"),
        ("/opt/pypy/lib-python/3/threading.py", "threading.py"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
        ("main.py", "main.py"),
    ],
)
def test_the_interpreters_own_library_is_the_same_everywhere(file: str, shown: str) -> None:
    assert relative(file, "") == shown


def test_only_an_applications_frame_tells_its_folder() -> None:
    assert origin(f"{PACKAGES}/gunicorn/app/wsgiapp.py") is Origin.LIBRARY
    assert root(evidence((f"{PACKAGES}/gunicorn/__main__.py", 7, "<module>"), folder="/srv/shop")) == ""
