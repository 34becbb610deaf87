# cause: deadlock needs: loguru
import json

from loguru import logger

FAILED = []


def ship(message):
    """Sends a record to the log server; what cannot be sent is kept."""
    record = message.record
    try:
        json.dumps(record["extra"])
    except TypeError:
        FAILED.append(record)
        logger.warning("a record could not be shipped")  # culprit


class Order(object):
    def __init__(self, number):
        self.number = number


def place(order):
    logger.bind(order=order).info("placed")


logger.remove()
logger.add(ship)
print("ready", flush=True)
place(Order(7))
