"""Which locks the threads of a process wait for, read out of its memory while it runs: nothing is stopped or written.

CPython up to 3.13 on 64-bit glibc: a thread sleeps on the native lock's address, the lock object keeps a pointer to it,
and behind that, in an RLock, the owner's ident and the count. Arguments: pid, seconds. Anything unexpected says nothing.
"""

import os
import re
import struct
import sys
import time

FUTEX = {"x86_64": 202, "aarch64": 98}
MOST = 512 << 20
CHUNK = 1 << 20
STACK = 8 << 20
MOST_LOCKS = 16
FEW = 5
FOR_NAMES = 0.3
NAME = re.compile(rb"[A-Za-z_]\w{0,39}\Z")
KINDS = {b"_thread.lock": "lock", b"_thread.RLock": "rlock"}
PAGE = os.sysconf("SC_PAGE_SIZE")

root = "/proc/%d" % int(sys.argv[1])
until = time.monotonic() + float(sys.argv[2])


def number(path):
    with open(path) as file:
        words = file.read().split()
    return words if words and words[0].isdigit() else []


def waiters():
    wanted = FUTEX.get(os.uname().machine)
    found = {}
    for tid in os.listdir(root + "/task")[:2000]:
        try:
            words = number("%s/task/%s/syscall" % (root, tid))
        except OSError:
            continue
        if len(words) > 4 and int(words[0]) == wanted:
            operation, limit = int(words[2], 16) & 0x7F, int(words[4], 16)
            if operation in (0, 9) and limit == 0:
                found[int(tid)] = int(words[1], 16)
    return found


def areas():
    """Return where objects may be: readable and writable, no thread's stack, no large file; the small ones first."""
    found = []
    version = None
    with open(root + "/maps") as file:
        for line in file:
            words = line.split(None, 5)
            path = words[5].strip() if len(words) > 5 else ""
            if "ld-musl" in path:
                return None, []
            known = re.search(r"/(?:lib)?python3\.(\d+)(t?)[^/]*$", path)
            if known and not version:
                version = int(known.group(1)) if not known.group(2) else 99
            if not words[1].startswith("rw"):
                continue
            first, last = (int(one, 16) for one in words[0].split("-"))
            kind = "anonymous" if not path else "heap" if path == "[heap]" else "file"
            size = last - first
            if path.startswith(("[stack", "/dev/")) or words[1][3] == "s":
                continue
            if kind == "file" and (size > 4 << 20 or path.startswith("[v")):
                continue
            if kind == "anonymous" and STACK - (1 << 20) < size <= STACK:
                continue
            found.append((first, last))
    return version, sorted(found, key=lambda area: area[1] - area[0])


def runs(area, pagemap):
    """Return the parts of an area that are in memory; what is swapped out is left there."""
    first, last = area
    while first < last:
        count = min((last - first) // PAGE, 8192)
        entries = os.pread(pagemap, count * 8, first // PAGE * 8)
        begin = None
        for at in range(len(entries) // 8):
            here = entries[at * 8 + 7] & 0x80
            if here and begin is None:
                begin = at
            elif not here and begin is not None:
                yield first + begin * PAGE, first + at * PAGE
                begin = None
        if begin is not None:
            yield first + begin * PAGE, first + len(entries) // 8 * PAGE
        if len(entries) < 8:
            return
        first += count * PAGE


def search(memory, pagemap, found_areas, wanted, until):
    """Yield (pointer, address) for each aligned place that holds one of the wanted pointers."""
    patterns = [(one, struct.pack("<Q", one)[:6]) for one in wanted]  # zeros at the end make `find` slow
    many = frozenset(wanted) if len(wanted) > FEW else frozenset()
    total = 0
    for area in found_areas:
        for first, last in runs(area, pagemap):
            place = first
            while place < last:
                if time.monotonic() > until or total > MOST:
                    return
                piece = bytes_at(memory, place, min(CHUNK, last - place))
                if not piece:
                    break
                total += len(piece)
                place, begin = place + len(piece), place
                if many and len(piece) % 8 == 0 and many.isdisjoint(memoryview(piece).cast("Q")):
                    continue
                for one, pattern in patterns:
                    for at in places_of(pattern, piece):
                        yield one, begin + at


def places_of(pattern, piece):
    at = piece.find(pattern)
    while at >= 0:
        if at % 8 == 0:
            yield at
        at = piece.find(pattern, at + 1)


def bytes_at(memory, address, count):
    try:
        return os.pread(memory, count, address)
    except (OSError, OverflowError):
        return b""


def words_at(memory, address, count):
    text = bytes_at(memory, address, count * 8)
    return struct.unpack("<%dQ" % count, text) if len(text) == count * 8 else ()


def text_at(memory, address, most=64):
    return bytes_at(memory, address, most).split(b"\0")[0]


def type_name(memory, address):
    head = words_at(memory, address + 8, 1)
    name = words_at(memory, head[0] + 24, 1) if head else ()
    return text_at(memory, name[0]) if name else b""


def name_before(memory, address):
    """Return the text of the str whose address stands before a place, as in an entry of a dictionary; else nothing."""
    key = words_at(memory, address - 8, 1)
    if not key or type_name(memory, key[0]) != b"str":
        return b""
    head = words_at(memory, key[0] + 16, 3)
    state = head[2] & 0xFFFFFFFF if head else 0
    if not head or not 0 < head[0] <= 40 or state & 0b1100000 != 0b1100000:
        return b""
    for offset in (40, 48):  # since 3.12 the text stands where a pointer was
        found = text_at(memory, key[0] + offset, head[0] + 1)[: head[0]]
        if len(found) == head[0] and NAME.match(found):
            return found
    return b""


def locks_of(memory, pagemap, found_areas, wanted):
    """Return native lock -> address, kind, owner, count of the lock object that has it."""
    locks = {}
    for native, address in search(memory, pagemap, found_areas, wanted, until):
        kind = KINDS.get(type_name(memory, address - 16)) if native not in locks else None
        if kind == "lock":
            locks[native] = (address - 16, kind, 0, 0)
        elif kind:
            locks[native] = (address - 16, kind) + (words_at(memory, address + 8, 2) or (0, 0))
        if len(locks) == len(wanted):
            break
    return locks


def names_of(memory, pagemap, found_areas, locks):
    """Return address of a lock object -> names that stand before a reference to it."""
    names = {}
    addresses, limit = [one[0] for one in locks.values()], min(until, time.monotonic() + FOR_NAMES)
    for target, address in search(memory, pagemap, found_areas, addresses, limit):
        name, known = name_before(memory, address), names.setdefault(target, [])
        if name and name not in known and len(known) < 8:
            known.append(name)
    return names


def main():
    waiting = waiters()
    version, found_areas = areas()
    if not waiting or version is None or not 6 <= version <= 13 or sys.maxsize < 1 << 32:
        return
    counts = list(waiting.values())
    wanted = sorted(set(counts), key=counts.count, reverse=True)[:MOST_LOCKS]
    memory = os.open(root + "/mem", os.O_RDONLY)
    pagemap = os.open(root + "/pagemap", os.O_RDONLY)
    locks = locks_of(memory, pagemap, found_areas, wanted)
    names = names_of(memory, pagemap, found_areas, locks) if locks else {}
    now = waiters()
    for tid, native in sorted(waiting.items()):
        if native in locks and now.get(tid) == native:
            address, kind, owner, count = locks[native]
            called = ",".join(one.decode() for one in names.get(address, ()))
            print(tid, hex(address), kind, owner or "-", count, called or "-")
    if time.monotonic() > until:
        print("cut")


try:
    main()
except PermissionError:
    print("denied")
except (OSError, ValueError, struct.error):
    pass
