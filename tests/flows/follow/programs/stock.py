"""Books what was sold. Argument: the database's port."""

import sys

import pymysql


def book(connection: "pymysql.connections.Connection[pymysql.cursors.Cursor]", article: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE stock SET sold = sold + 4711, note = "for jane\'s party" WHERE id = {article}'
        )
    connection.commit()


def main() -> None:
    connection = pymysql.connect(host="127.0.0.1", port=int(sys.argv[1]), user="app", database="shop")
    print("ready", flush=True)
    book(connection, 7)


main()
