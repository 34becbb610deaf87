"""Where `--http` may point, and what is said where it cannot."""

import socket

import pytest

from bot.domain.errors import EdgeFault
from bot.web.address import Address, listen, parse, told


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9095", Address(host="127.0.0.1", port=9095)),
        (":9095", Address(host="", port=9095)),
        ("0.0.0.0:1", Address(host="0.0.0.0", port=1)),
        ("[::1]:9095", Address(host="::1", port=9095)),
        ("[::]:65535", Address(host="::", port=65535)),
        ("127.0.0.1:0", Address(host="127.0.0.1", port=0)),
        ("localhost:9095", Address(host="127.0.0.1", port=9095)),
        (" 127.0.0.1:9095 ", Address(host="127.0.0.1", port=9095)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_an_address_is_read_as_it_is_written(text: str, address: Address | None) -> None:
    assert parse(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "9095", "web1:9095", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:99999", "::1:9095",
        "[::1]", "[127.0.0.1]:1", "256.0.0.1:1", "1.2.3:1", "http://127.0.0.1:1", "127.0.0.1:１", "127.0.0.1:-1", "on",
        "[::1]:9095/", "127.0.0.1:9095\nx",
    ],
)  # fmt: skip
def test_anything_else_is_answered_with_what_to_type(text: str) -> None:
    with pytest.raises(EdgeFault, match=r"Type 127\.0\.0\.1:9095"):
        parse(text)


def test_a_port_that_is_taken_is_said_with_another_to_try() -> None:
    with listen(Address(host="127.0.0.1", port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(EdgeFault, match="--http") as fault:
            listen(Address(host="127.0.0.1", port=port))
    assert f"127.0.0.1:{port}" in str(fault.value)
    assert "in use" in str(fault.value)


def test_without_a_host_it_listens_on_every_address() -> None:
    with listen(Address(host="", port=0)) as listener:
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", *(("::1",) if listener.family is socket.AF_INET6 else ())):
            socket.create_connection((host, port), timeout=10).close()
        assert told(listener).endswith(f":{port}")


def test_an_ipv6_address_is_told_in_brackets() -> None:
    with listen(Address(host="::1", port=0)) as listener:
        assert told(listener) == f"[::1]:{listener.getsockname()[1]}"
