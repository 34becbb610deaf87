# cause: blocked_network needs: httpx
import sys

import httpx


class Rates:
    def __init__(self, base):
        self.client = httpx.Client(base_url=base, timeout=None)

    def latest(self, currency):
        response = self.client.get("/rates", params={"base": currency})  # culprit
        response.raise_for_status()
        return response.json()


def revalue(rates, positions):
    total = 0
    for currency, amount in positions:
        total += amount * rates.latest(currency)["EUR"]
    return total


rates = Rates("http://127.0.0.1:%s" % sys.argv[1])
print("ready", flush=True)
revalue(rates, [("USD", 10), ("CHF", 20)])
