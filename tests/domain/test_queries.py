"""A query is shown without what it was asked with."""

import pytest

from bot.domain.queries import MOST, shape

SHAPES = [
    (
        "SELECT * FROM users WHERE name = 'O''Hara' AND age > 42",
        "SELECT * FROM users WHERE name = ? AND age > ?",
    ),
    ("UPDATE t2 SET c1 = -1.5e3\n  WHERE id IN (1, 2)", "UPDATE t2 SET c1 = ? WHERE id IN (?, ?)"),
    (r"SELECT E'it\'s secret', b'01'", "SELECT ?, ?"),
    ("SELECT $tag$it's secret$tag$, $1", "SELECT ?, $1"),
    ("SELECT 1 -- for jane\nFROM t /* card 4111 */ x", "SELECT ? FROM t x"),
    ("INSERT INTO t VALUES ('cut in the mid", "INSERT INTO t VALUES (?"),
    ('SELECT "Name" FROM "Order"', 'SELECT "Name" FROM "Order"'),
]


@pytest.mark.parametrize(("text", "shown"), SHAPES)
def test_strings_numbers_and_comments_are_not_shown(text: str, shown: str) -> None:
    assert shape(text) == shown


def test_double_quotes_are_strings_where_the_server_takes_them_so() -> None:
    assert (
        shape('SELECT * FROM t WHERE n = "jane ""doe"""', quotes_are_strings=True)
        == "SELECT * FROM t WHERE n = ?"
    )


def test_a_long_query_is_cut() -> None:
    assert len(shape("SELECT a FROM b " * 1000)) == MOST
