"""Bills customers: charges the bank in the middle of a transaction. Arguments: how to reach the database, the bank's port."""

import socket
import sys

import psycopg


def charge(bank: socket.socket, cents: int) -> bytes:
    bank.sendall(b"charge %d\n" % cents)
    return bank.recv(1024)


def bill(dsn: str, port: int) -> None:
    bank = socket.create_connection(("127.0.0.1", port))
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE accounts SET balance = balance - 500 WHERE id = 7")
        print("ready", flush=True)
        charge(bank, 500)


bill(sys.argv[1], int(sys.argv[2]))
