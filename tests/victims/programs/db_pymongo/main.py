# cause: blocked_database needs: pymongo
import sys

import pymongo


class Catalogue:
    def __init__(self, port):
        self.client = pymongo.MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=86400000, connectTimeoutMS=86400000)

    def article(self, name):
        return self.client.shop.articles.find_one({"name": name})  # culprit


print("ready", flush=True)
Catalogue(int(sys.argv[1])).article("lamp")
