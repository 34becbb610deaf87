# cause: blocked_network needs: requests
import sys

import requests


class Bank:
    def __init__(self, address):
        self.address = address
        self.session = requests.Session()

    def balance(self, account):
        return self.session.get("%s/accounts/%s" % (self.address, account)).json()  # culprit


print("ready", flush=True)
Bank("https://127.0.0.1:%s" % sys.argv[1]).balance("7")
