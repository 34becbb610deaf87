# cause: blocked_database needs: pymysql
import sys

import pymysql


class Warehouse:
    def __init__(self, port):
        self.port = port
        self.connection = None

    def connect(self):
        self.connection = pymysql.connect(host="127.0.0.1", port=self.port, user="shop", password="", connect_timeout=86400)  # culprit

    def stock(self, article):
        if self.connection is None:
            self.connect()
        with self.connection.cursor() as cursor:
            cursor.execute("select count from stock where article = %s", (article,))
            return cursor.fetchone()


print("ready", flush=True)
Warehouse(int(sys.argv[1])).stock("lamp")
