"""Runs a program that finds, in the folder `disk` of its TMPDIR, a disk that never answers: `silent_disk.py ARGV…`.

A FUSE file system (linux/fuse.h) whose server says what it is and then nothing. It lives in the mount namespace that
this is started in and ends with its server, so the program can always be killed. Needs root.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path

HEADER = struct.Struct("<IIQQIIII")  # len, opcode, unique, nodeid, uid, gid, pid, padding
REPLY = struct.Struct("<IiQ")  # len, error, unique
ABOUT = struct.Struct(
    "<IIIIHHIIHHI28x"
)  # major, minor, readahead, flags, background, congestion, write, granularity, …
INIT, GETATTR, ACCESS, STATFS = 26, 3, 34, 17
ROOT_ATTRIBUTES = struct.Struct("<QII QQQ QQQ III I III II")
DIRECTORY, NO_SUCH_CALL = 0o40755, 38


def answer(device: int) -> None:
    """Answer what a mount needs; whoever looks for a file waits."""
    while True:
        request = os.read(device, 1 << 17)
        _, opcode, unique, *_ = HEADER.unpack_from(request)
        if opcode == INIT:
            major, minor = struct.unpack_from("<II", request, HEADER.size)
            body = ABOUT.pack(major, min(minor, 31), 4096, 0, 1, 1, 4096, 1, 0, 0, 0)
        elif opcode == GETATTR:
            body = ROOT_ATTRIBUTES.pack(3600, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, DIRECTORY, 2, 0, 0, 0, 4096, 0)
        elif opcode in (ACCESS, STATFS):
            os.write(device, REPLY.pack(REPLY.size, -NO_SUCH_CALL, unique))
            continue
        else:
            continue
        os.write(device, REPLY.pack(REPLY.size + len(body), 0, unique) + body)


def main() -> None:
    disk = Path(os.environ["TMPDIR"]) / "disk"
    disk.mkdir()
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    if libc.mount(b"disk", str(disk).encode(), b"fuse", 0, options):
        raise OSError(ctypes.get_errno(), "cannot mount")
    if os.fork() == 0:
        answer(device)
    os.close(device)
    os.execvp(sys.argv[1], sys.argv[1:])


main()
