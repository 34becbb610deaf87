# cause: busy_loop
import functools
import threading


def retry(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        while True:  # culprit
            try:
                return function(*args, **kwargs)  # culprit
            except ValueError:
                pass  # culprit

    return wrapper


@retry
def parse(text):
    return int(text)  # culprit


def main():
    parse("12a")


print("ready", flush=True)
main()
