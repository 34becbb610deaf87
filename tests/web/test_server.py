"""The server and whatever is sent to it: slowly, hugely, wrongly, and by many at once."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from bot.web.address import Address, listen
from bot.web.pages import Answer, Environ, Route, said
from bot.web.server import MOST_BODY_BYTES, Server
from tests.clocks import QuietTelemetry
from tests.web.wire import ask, dial, everything, send_raw, serving, status_of

MIB = 1 << 20
POSTS = ("POST",)


def size(environ: Environ) -> Answer:
    return said(str(len(environ["wsgi.input"].read())))


def broken(environ: Environ) -> Answer:
    raise RuntimeError("secret-of-ours")


ROUTES = {
    "/page": Route(page=lambda _: said("here")),
    "/size": Route(page=size, methods=POSTS),
    "/broken": Route(page=broken),
}


@pytest.fixture
def log() -> QuietTelemetry:
    return QuietTelemetry()


@pytest.fixture
def url(log: QuietTelemetry) -> Iterator[str]:
    with serving(ROUTES, log) as url:
        yield url


@pytest.fixture
def hasty(log: QuietTelemetry) -> Iterator[str]:
    """A server that gives a request one second to come in."""
    with serving(ROUTES, log, request_within_s=1.0) as url:
        yield url


def test_a_page_is_answered_and_a_head_without_its_body(url: str) -> None:
    got, head = ask(url, "/page"), ask(url, "/page?x=1", method="HEAD")
    assert (got.status, got.body) == (200, "here\n")
    assert (head.status, head.body, head.headers["content-length"]) == (200, "", "5")
    assert "server" not in got.headers


@pytest.mark.parametrize("path", ["/", "/pages", "/page/", "/..%2fpage", "/%00", "/slack/events"])
def test_what_is_not_there_is_404(url: str, path: str) -> None:
    assert ask(url, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_405_and_names_the_right_ones(url: str, method: str) -> None:
    got = ask(url, "/page", method=method)
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")


def test_a_fault_of_ours_is_500_logged_and_not_told(url: str, log: QuietTelemetry) -> None:
    got = ask(url, "/broken")
    assert got.status == 500
    assert "secret" not in got.body
    assert [name for name, _ in log.failures] == ["request failed"]
    assert ask(url, "/page").status == 200


@pytest.mark.parametrize(
    ("bytes_", "status"),
    [(0, 200), (1, 200), (MOST_BODY_BYTES, 200), (MOST_BODY_BYTES + 1, 413), (10 * MIB, 413)],
)
def test_a_body_of_more_than_a_mebibyte_is_413(url: str, bytes_: int, status: int) -> None:
    head = f"POST /size HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {bytes_}\r\n\r\n"
    answer = send_raw(url, head.encode() + b"x" * bytes_)
    assert status_of(answer) == status
    assert status != 200 or answer.endswith(f"\r\n\r\n{bytes_}\n".encode())


def chunked(*sizes: int) -> bytes:
    head = b"POST /size HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(f"{one:x}\r\n".encode() + b"x" * one + b"\r\n" for one in sizes) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("sizes", "status"), [((), 200), ((3, 5), 200), ((MIB, 10), 413), ((65536,) * 160, 413)]
)
def test_a_chunked_body_is_read_and_bounded_alike(url: str, sizes: tuple[int, ...], status: int) -> None:
    answer = send_raw(url, chunked(*sizes))
    assert status_of(answer) == status
    assert status != 200 or answer.endswith(f"\r\n\r\n{sum(sizes)}\n".encode())


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n",
        b"GARBAGE\r\n\r\n", b"get /page HTTP/1.1\r\n\r\n", b"GET /page HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET /page HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET /page HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n",
        b"GET /page HTTP/1.1\r\nX: a\nb\r\n\r\n", b"GET /page HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"GET //[ HTTP/1.1\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n",
        b"POST /size HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /size HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET /page HTTP/9.9\r\n\r\n", b"\xff\xfe /page HTTP/1.1\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
    ],
    ids=range(17),
)  # fmt: skip
def test_garbage_is_refused_or_not_found_and_the_server_goes_on(
    url: str, log: QuietTelemetry, data: bytes
) -> None:
    answer = send_raw(url, data, end=True)
    assert status_of(answer) in (0, 200, 400, 404, 413, 431, 501)
    assert b"Traceback" not in answer
    assert ask(url, "/page").status == 200
    assert log.failures == []


def test_a_request_that_does_not_come_to_its_end_is_408(hasty: str) -> None:
    for begun in (
        b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nfew",
        b"GET /page HTTP/1.1\r\nX-S",
    ):
        assert status_of(send_raw(hasty, begun)) == 408


def test_bytes_that_drip_in_do_not_keep_a_request_alive(hasty: str) -> None:
    with dial(hasty) as line:
        line.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        line.settimeout(0.1)
        end, found = time.monotonic() + 30, b""
        while not found and time.monotonic() < end:
            try:
                line.sendall(b"x")
                found = line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
        assert status_of(found) in (408, 0)
        assert time.monotonic() < end


def test_hundreds_of_slow_ones_keep_nobody_from_an_answer(log: QuietTelemetry) -> None:
    with serving(ROUTES, log, request_within_s=3600) as patient, ExitStack() as held:
        for number in range(300):
            line = held.enter_context(dial(patient))
            line.sendall(b"POST /size HTTP/1.1\r\nContent-Length: 100\r\n\r\nfew" if number % 2 else b"GE")
        for _ in range(20):
            assert ask(patient, "/page").status == 200


def test_many_at_once_are_all_answered(url: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        assert {got.status for got in pool.map(lambda _: ask(url, "/page"), range(500))} == {200}


def test_a_connection_serves_one_request_after_the_other(url: str) -> None:
    first, last = (f"GET /page HTTP/1.1\r\nHost: x\r\n{more}\r\n" for more in ("", "Connection: close\r\n"))
    twice = (first + last).encode()
    assert send_raw(url, twice).count(b"HTTP/1.1 200 OK") == 2


def test_told_to_stop_it_ends_soon_though_an_answer_hangs_and_lines_are_open(log: QuietTelemetry) -> None:
    begun, free = threading.Event(), threading.Event()

    def hang(environ: Environ) -> Answer:
        begun.set()
        free.wait(60)
        return said("late")

    routes = {**ROUTES, "/hang": Route(page=hang)}
    with listen(Address(host="127.0.0.1", port=0)) as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        server = Server(listener, routes, log)
        server.start()
        with dial(url) as idle, dial(url) as hanging:
            hanging.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
            assert begun.wait(30)
            began = time.monotonic()
            server.stop()
            took = time.monotonic() - began
            free.set()
            assert took < 5
            assert everything(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
