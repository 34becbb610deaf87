# cause: cpu_starved crowd: 24
import collections


class Ledger:
    def __init__(self):
        self.totals = collections.defaultdict(int)

    def book(self, account, cents):
        self.totals[account % 97] += cents

    def close(self, entries):
        for number in range(entries):
            self.book(number, number * 7 % 1000)
        return sorted(self.totals.items())


print("ready", flush=True)
Ledger().close(10**10)
