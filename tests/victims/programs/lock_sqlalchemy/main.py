# cause: blocked_file_lock needs: sqlalchemy
import os
import sqlite3
import tempfile
import time

import sqlalchemy as sa

path = os.path.join(tempfile.mkdtemp(), "orders.db")
engine = sa.create_engine("sqlite:///" + path, connect_args={"timeout": 86400})
metadata = sa.MetaData()
orders = sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("customer", sa.Text))
metadata.create_all(engine)
engine.dispose()
if os.fork() == 0:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    time.sleep(86400)
time.sleep(0.3)


def place(customer):
    with engine.begin() as connection:
        result = connection.execute(sa.insert(orders).values(customer=customer))  # culprit
        return result.inserted_primary_key


print("ready", flush=True)
place("ada")
