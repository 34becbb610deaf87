# not hung
import csv
import io
import itertools


def lines():
    for number in itertools.count():
        yield "%d,name %d,%f\n" % (number, number, number / 3.0)


def load():
    totals = {}
    for row in csv.DictReader(lines(), fieldnames=["id", "name", "price"]):
        key = int(row["id"]) % 100
        totals[key] = totals.get(key, 0.0) + float(row["price"])
    return totals


print("ready", flush=True)
load()
