# cause: infinite_recursion
import logging
import sys

log = logging.getLogger("expand")
MACROS = {"a": "{b} x", "b": "{c} y", "c": "{a} z"}


def expand(text, seen):
    out = []
    for word in text.split():
        out.append(word_of(word, seen))  # culprit
    return " ".join(out)


def word_of(word, seen):
    if word.startswith("{"):
        return lookup(word.strip("{}"), seen)  # culprit
    return word


def lookup(name, seen):
    try:
        return expand(MACROS[name], seen + [name])  # culprit
    except KeyError:
        return name


def main():
    tries = 0
    while True:
        tries += 1
        try:
            return expand("{a}", [])
        except RecursionError:
            log.debug("try %d failed", tries)


print("ready", flush=True)
main()
