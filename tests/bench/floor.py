"""What asking many hosts costs at the least: bare sockets, no cipher, nothing read of the answer but its end.

Each connection has a process of its own at its other end, as with sshd, and the client is one epoll loop that sends a line and
takes an answer of so many bytes. On loopback the sender's CPU pays for much of the receiving.
"""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TICK = b"12345 small 1\n"
IN_FLIGHT = 32


@contextmanager
def _answering(sizes: dict[bytes, int], connections: int) -> Iterator[list[socket.socket]]:
    """Fork one process per connection that answers each line with as many bytes as its first letter stands for."""
    ours, pids = [], []
    with socket.create_server(("127.0.0.1", 0), backlog=connections) as listener:
        for _ in range(connections):
            ours.append(socket.create_connection(listener.getsockname()))
            theirs, _ = listener.accept()
            if not (pid := os.fork()):
                listener.close()
                _answer(theirs, {letter: b"x" * size for letter, size in sizes.items()})
                os._exit(0)
            theirs.close()
            pids.append(pid)
    try:
        for one in ours:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setblocking(False)
        yield ours
    finally:
        for one in ours:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for pid in pids:
            os.waitpid(pid, 0)


def _answer(theirs: socket.socket, answers: dict[bytes, bytes]) -> None:
    theirs.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError):
        while line := theirs.recv(256):
            theirs.sendall(answers[line[:1]])


def floor_ms(size: int, *, connections: int, rounds: int) -> float:
    """Return the milliseconds of CPU that one answer of `size` bytes costs."""
    with _answering({TICK[:1]: size}, connections) as ours:
        _asked(ours, size)
        began = time.process_time()
        for _ in range(rounds):
            _asked(ours, size)
        return (time.process_time() - began) / (rounds * connections) * 1000


def _asked(ours: list[socket.socket], size: int) -> None:
    """Ask each once, so many at a time, as the benchmark beside it does."""
    waiting, left = iter(ours), {one.fileno(): (one, size) for one in ours}
    with select.epoll() as poll:

        def begin() -> None:
            if (one := next(waiting, None)) is not None:
                poll.register(one.fileno(), select.EPOLLIN)
                one.send(TICK)

        for _ in range(IN_FLIGHT):
            begin()
        while left:
            for number, _ in poll.poll():
                one, more = left[number]
                more -= len(one.recv(262_144))
                left[number] = one, more
                if more <= 0:
                    del left[number]
                    poll.unregister(number)
                    begin()
