"""Servers on raw sockets of 127.0.0.1: some that only look like SSH, and small web servers."""

import ctypes
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Speak = Callable[[socket.socket], None]
Chunk = tuple[float, bytes]
SO_ATTACH_FILTER = 26
BANNER = b"SSH-2.0-OpenSSH_9.2\r\n"


@contextmanager
def serving(speak: Speak, *, address: str = "127.0.0.1") -> Iterator[int]:
    """Yield the port of a server that says `speak` to everybody; its threads end with the block."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listener:
        listener.settimeout(0.1)
        over = threading.Event()
        guests: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def talk(guest: socket.socket) -> None:
            with suppress(OSError), guest:
                speak(guest)

        def accept() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    guest, _ = listener.accept()
                    guest.settimeout(60.0)
                    guests.append(guest)
                    threads.append(threading.Thread(target=talk, args=(guest,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            over.set()
            accepting.join()
            for guest in guests:
                with suppress(OSError):
                    guest.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


# --- what only looks like SSH


def silent(guest: socket.socket) -> None:
    while guest.recv(4096):
        pass


def closes(guest: socket.socket) -> None:
    del guest


def drips(guest: socket.socket) -> None:
    """One byte of a banner that has no end, four times a second."""
    guest.settimeout(0.25)
    while True:
        guest.sendall(b"x")
        with suppress(TimeoutError):
            if not guest.recv(4096):
                return


def drips_lines(guest: socket.socket) -> None:
    """Lines before the banner are allowed (RFC 4253, 4.2), and so could go on for ever."""
    guest.settimeout(0.25)
    while True:
        guest.sendall(b"please wait\r\n")
        with suppress(TimeoutError):
            if not guest.recv(4096):
                return


def endless_line(guest: socket.socket) -> None:
    while True:
        guest.sendall(b"x" * 65_536)


def junk(guest: socket.socket) -> None:
    guest.sendall(bytes(range(256)) * 8 + b"\n")
    silent(guest)


def web_server(guest: socket.socket) -> None:
    guest.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def stalls_in_kex(guest: socket.socket) -> None:
    guest.sendall(BANNER)
    silent(guest)


def huge_packet(guest: socket.socket) -> None:
    """A packet that is announced as 2 GiB, and then really flows."""
    guest.sendall(BANNER + struct.pack(">I", 2**31 - 4))
    while True:
        guest.sendall(b"\0" * 65_536)


def large_packets(guest: socket.socket) -> None:
    """Endless packets of type IGNORE, each of a size that is allowed."""
    packet = struct.pack(">IBB", 32_772, 4, 2) + struct.pack(">I", 32_762) + b"\0" * 32_766
    guest.sendall(BANNER)
    while True:
        guest.sendall(packet)


def junk_after_banner(guest: socket.socket) -> None:
    guest.sendall(BANNER + b"\x00\x00\x00\x1c" + b"\xff" * 400)
    silent(guest)


# --- web servers


def answers(status: str, body: bytes = b"fine") -> Speak:
    def speak(guest: socket.socket) -> None:
        if guest.recv(4096):
            head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            guest.sendall(head.encode() + body)

    return speak


def answers_rubbish(guest: socket.socket) -> None:
    if guest.recv(4096):
        guest.sendall(b"* OK IMAP4 ready\r\n")


def hangs_up(guest: socket.socket) -> None:
    guest.recv(4096)


def endless_body(guest: socket.socket) -> None:
    if guest.recv(4096):
        guest.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            guest.sendall(b"x" * 65_536)


# --- a link


def lose(receiver: socket.socket, share: float) -> None:
    """Let the kernel drop this share of the packets that come to a socket: TCP has to send them again, as after a bad link.

    Filter: the kernel's random number (SKF_AD_RANDOM of linux/filter.h) decides for each packet whether it is kept.
    """
    program = (
        (0x20, 0, 0, 0xFFFFF000 + 56),
        (0x35, 0, 1, int(share * 0xFFFFFFFF)),
        (0x06, 0, 0, 0xFFFFFFFF),
        (0x06, 0, 0, 0),
    )
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
    receiver.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(filters))
    )


def packets_sent_again() -> int:
    """Return how many packets this machine's TCP had to send again, since it started."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("RetransSegs")])


@contextmanager
def relay(
    to: tuple[str, int], *, lag_s: float = 0.0, bytes_per_s: float = 1e9, loss: float = 0.0
) -> Iterator[int]:
    """Yield a port that leads to `to` over a link with this lag, each way, this rate, and this share of packets lost."""

    def pump(source: socket.socket, line: "queue.SimpleQueue[Chunk]") -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                line.put((time.monotonic() + lag_s, data))
                time.sleep(len(data) / bytes_per_s)
        line.put((time.monotonic() + lag_s, b""))

    def deliver(target: socket.socket, line: "queue.SimpleQueue[Chunk]") -> None:
        with suppress(OSError):
            while True:
                due, data = line.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    target.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)

    def speak(guest: socket.socket) -> None:
        guest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        with socket.create_connection(to) as far:
            threads = []
            for source, target in ((guest, far), (far, guest)):
                lose(source, loss)
                line: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
                threads += [
                    threading.Thread(target=pump, args=(source, line), daemon=True),
                    threading.Thread(target=deliver, args=(target, line), daemon=True),
                ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    with serving(speak) as port:
        yield port
