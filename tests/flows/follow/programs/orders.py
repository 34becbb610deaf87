"""Takes orders: moves money in one row of the ledger. Arguments: how to reach the database."""

import sys

import psycopg


class Ledger:
    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn)

    def withdraw(self, account: int, amount: int) -> None:
        self.connection.execute(
            f"UPDATE accounts SET balance = balance - {amount} WHERE id = {account} AND owner <> 'jane doe'"
        )
        self.connection.commit()


def main() -> None:
    ledger = Ledger(sys.argv[1])
    print("ready", flush=True)
    ledger.withdraw(7, 12_345)


main()
