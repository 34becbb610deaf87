# not hung needs: sqlalchemy
import threading
import time

import sqlalchemy

ENGINE = sqlalchemy.create_engine(
    "sqlite:///file:jobs?mode=memory&cache=shared&uri=true",
    poolclass=sqlalchemy.pool.QueuePool, pool_size=1, max_overflow=0, pool_timeout=3600,
    connect_args={"check_same_thread": False},
)


def export(number):
    while True:
        with ENGINE.connect() as connection:
            connection.execute(sqlalchemy.text("select 1")).scalar()
            time.sleep(0.2)


for number in range(3):
    threading.Thread(target=export, args=(number,)).start()
print("ready", flush=True)
