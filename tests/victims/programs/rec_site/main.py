# cause: infinite_recursion
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "site-packages"))
import themer  # noqa


def render(page):
    for _ in range(10 ** 9):
        try:
            return themer.Theme("dark").color("text")  # caller
        except RecursionError as error:
            last = error


print("ready", flush=True)
render("home")
