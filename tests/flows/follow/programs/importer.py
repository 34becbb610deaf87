"""Imports articles, slowly, in one transaction. Argument: the database's port."""

import sys
import time

import pymysql


def let_others_work() -> None:
    time.sleep(3600)


def load(port: int) -> None:
    connection = pymysql.connect(host="127.0.0.1", port=port, user="app", database="shop")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock SET sold = 0 WHERE id = 7")
        print("ready", flush=True)
        let_others_work()


load(int(sys.argv[1]))
