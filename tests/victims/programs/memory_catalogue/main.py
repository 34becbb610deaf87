# cause: memory_pressure memory: 64 needs: sqlalchemy
import os
import random
import tempfile

import sqlalchemy

PRODUCTS = 30000
path = os.path.join(tempfile.gettempdir(), "catalogue.db")
engine = sqlalchemy.create_engine("sqlite:///" + path)


@sqlalchemy.event.listens_for(engine, "connect")
def prepare(connection, record):
    connection.execute("PRAGMA mmap_size = 1073741824")
    connection.execute("PRAGMA cache_size = 100")


def fill():
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE product (id INTEGER PRIMARY KEY, sheet BLOB)")
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
            " INSERT INTO product SELECT i, randomblob(5000) FROM n" % PRODUCTS
        )


def sheet(connection, number):
    found = connection.execute(sqlalchemy.text("SELECT sheet FROM product WHERE id = :id"), {"id": number})
    return found.scalar()


fill()
print("ready", flush=True)
with engine.connect() as connection:
    while True:
        sheet(connection, random.randint(1, PRODUCTS))
