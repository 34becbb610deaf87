"""Values of locals become salted hashes: the sampler's JSON comes in, what leaves the host goes out."""

import hashlib
import json
import os
import re
import sys

salt = os.environ["HANGBOT_SALT"].encode()
opaque = re.compile(r"^<.* at 0x[0-9a-f]+>$|^<.*object.*>$", re.S)


def mark(local):
    text = local.get("repr")
    if text is None:
        return None
    kind = "o" if opaque.match(text) else "c" if "..." in text and len(text) > 40 else "v"
    return kind + ":" + hashlib.blake2b(text.encode("utf-8", "replace"), key=salt, digest_size=8).hexdigest()


for thread in json.load(sys.stdin)[:200]:
    frames = thread["frames"]
    print(
        "T",
        thread["thread_id"],
        thread["os_thread_id"],
        str(thread["active"]).lower(),
        str(thread["owns_gil"]).lower(),
        json.dumps(thread["thread_name"]),
    )
    for number, frame in enumerate(frames):
        if 200 <= number < len(frames) - 100:
            continue
        print("F", frame["line"], json.dumps(frame["name"]), json.dumps(frame["filename"]))
        if number < 40 or number >= len(frames) - 40:
            for local in (frame["locals"] or [])[:40]:
                hashed = mark(local)
                if hashed:
                    print("V", json.dumps(local["name"]), hashed)
    print("N", len(frames))
