# cause: blocked_database needs: psycopg
import sys

import psycopg


def open_orders(port):
    address = "host=127.0.0.1 port=%s user=shop dbname=shop connect_timeout=0 sslmode=disable" % port
    with psycopg.connect(address) as connection:  # culprit
        return connection.execute("select id from orders where open").fetchall()


print("ready", flush=True)
open_orders(sys.argv[1])
