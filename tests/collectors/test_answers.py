"""Who waits for an answer is read out of what `ss -tni` prints, of its old form and its new one."""

import pytest

from bot.collectors.answers import traffic

WAITS = (
    "ESTAB 0      0          127.0.0.1:8000    127.0.0.1:52514\n"
    "\t cubic wscale:7,7 rto:200 mss:32768 cwnd:10 bytes_received:36 segs_in:3 lastsnd:5120 lastrcv:5112 lastack:5112\n"
)
ANSWERED = (
    "0 0 [::ffff:127.0.0.1]:8000 [::ffff:127.0.0.1]:52516 cubic rto:200 bytes_sent:120 bytes_acked:121 "
    "bytes_received:36 lastsnd:5090 lastrcv:5112 lastack:5090\n"
)
ASKED_AGAIN = (
    "0 0 10.0.0.5:8000 10.0.0.9:4000\n\t cubic bytes_acked:121 bytes_received:72 lastsnd:9000 lastrcv:800\n"
)
QUIET = "0 0 10.0.0.5:8000 10.0.0.9:4001\n\t cubic rto:200 lastsnd:9000 lastrcv:9000 lastack:9000\n"
ONLY_SHOOK_HANDS = (
    "0 0 10.0.0.5:8000 10.0.0.9:4002\n\t cubic bytes_acked:1 bytes_received:9 lastsnd:10 lastrcv:10\n"
)


@pytest.mark.parametrize(
    ("row", "unanswered"),
    [(WAITS, True), (ANSWERED, False), (ASKED_AGAIN, True), (QUIET, False), (ONLY_SHOOK_HANDS, True)],
)
def test_a_client_waits_where_it_was_the_last_to_speak(row: str, unanswered: bool) -> None:
    (one,) = traffic({"answers": row})
    assert one.unanswered is unanswered


def test_each_connection_is_a_row_of_its_own() -> None:
    first, second, third = traffic({"answers": WAITS + ANSWERED + QUIET})
    assert (first.local, first.peer, first.since_received_ms) == ("127.0.0.1:8000", "127.0.0.1:52514", 5112)
    assert second.sent == 120
    assert third.received == 0


def test_what_is_no_connection_and_an_ss_that_does_not_count_give_nothing() -> None:
    assert traffic({}) == ()
    assert (
        traffic(
            {"answers": "ss: cannot open netlink socket\n0 0 10.0.0.5:80 10.0.0.9:4000\n\t cubic rto:200\n"}
        )
        == ()
    )
