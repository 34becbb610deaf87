"""Spins with secrets all around: in locals, on its command line, in its environment, in the lines near the frame."""

import sys

DATABASE = "postgresql://shop:swordfish-url@db.example.org/shop"


class Client:
    def __init__(self, token):
        self.token = token


def connect(password, dsn):
    api_key = "swordfish-literal"
    headers = {"Authorization": "Bearer swordfish-header"}
    client = Client("sword" + "fish-object")
    words = ["sword" + "fish-list", password]
    secret_token = "swordfish-single"
    while api_key:
        words[0] = password
    return headers, client, words, secret_token


print("ready", flush=True)
connect("sword" + "fish-local", sys.argv[-1])
