# cause: busy_loop
import itertools


def pages(token):
    while True:
        yield {"items": [], "next": token}


def find(wanted):
    for page in pages("t0"):  # culprit
        for item in page["items"]:
            if item == wanted:
                return item
        if page["next"] is None:  # culprit
            return None


print("ready", flush=True)
find("x")
