"""Values of locals become salted hashes: the sampler's JSON comes in, what leaves the host goes out.

With arguments it asks the sampler itself, again and again: MARK, the start of the collection and now in ms, for how
many ms, how often at most, then the sampler's command line. Each answer becomes a section.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

salt = os.environ["HANGBOT_SALT"].encode()
opaque = re.compile(r"^<.* at 0x[0-9a-f]+>$|^<.*object.*>$", re.S)
PATIENCE_S = 1
MOST_BYTES = 200000
MOST_FAILURES = 8
APART_S = 0.015


def mark(local):
    text = local.get("repr")
    if text is None:
        return None
    kind = (
        "s"
        if text.startswith("<bytes at ")
        else "o"
        if opaque.match(text)
        else "c"
        if "..." in text and len(text) > 40
        else "v"
    )
    return kind + ":" + hashlib.blake2b(text.encode("utf-8", "replace"), key=salt, digest_size=8).hexdigest()


def quoted(text):
    return json.dumps(text, ensure_ascii=False)  # a path with escapes in it opens nothing


def written(text):
    """Write UTF-8, whatever the host's locale is."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def reduced(threads):
    for thread in threads[:200]:
        frames = thread["frames"]
        yield "T {} {} {} {} {}".format(
            thread["thread_id"],
            thread["os_thread_id"],
            str(thread["active"]).lower(),
            str(thread["owns_gil"]).lower(),
            quoted(thread["thread_name"]),
        )
        for number, frame in enumerate(frames):
            if 200 <= number < len(frames) - 100:
                continue
            yield "F {} {} {}".format(frame["line"], quoted(frame["name"]), quoted(frame["filename"]))
            if number < 40 or number >= len(frames) - 40:
                for local in (frame["locals"] or [])[:40]:
                    hashed = mark(local)
                    if hashed:
                        yield "V {} {}".format(quoted(local["name"]), hashed)
        yield "N {}".format(len(frames))


def asked(command):
    """Return what the sampler says; one that takes too long is asked to stop before it is made to: it holds the target."""
    sampler = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for patience, ending in ((PATIENCE_S, signal.SIGINT), (1, signal.SIGKILL), (1, signal.SIGKILL)):
        try:
            return sampler.communicate(timeout=patience)[0]
        except subprocess.TimeoutExpired:
            sampler.send_signal(ending)
    return b""


def many(mark, begin, now, during, most, *command):
    started, size, failures = time.time(), 0, 0
    way = "--nonblocking" if "--nonblocking" in command else "blocking"
    for _ in range(int(most)):
        at = (time.time() - started) * 1000
        if at > int(during) or size > MOST_BYTES or failures >= MOST_FAILURES:
            break
        said = asked(command)
        wall = (time.time() - started) * 1000 - at
        try:
            text = "\n".join(reduced(json.loads(said.decode("utf-8", "replace"))))
        except ValueError:
            failures += 1
            continue
        size += len(text)
        time.sleep(APART_S)
        written(
            "\n{} dump {:.0f} {:.0f} locals {}\n{}\n".format(
                mark, int(now) - int(begin) + at, wall, way, text
            )
        )


if len(sys.argv) > 1:
    many(*sys.argv[1:])
else:
    written("\n".join(reduced(json.loads(sys.stdin.buffer.read().decode("utf-8", "replace")))) + "\n")
