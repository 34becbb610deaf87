"""Stacks for people: the same ones once, none too long to read, no secret in them."""

from bot.domain.stacks import Dump, Frame, ThreadStack
from bot.domain.written import MOST_BYTES, counted, written


def thread(
    tid: int, *lines: int, name: str = "", gil: bool = False, file: str = "/srv/shop.py"
) -> ThreadStack:
    frames = tuple(Frame(file=file, line=line, function=f"step{line}") for line in lines)
    return ThreadStack(tid=tid, name=name or None, owns_gil=gil, frames=frames)


def text(*threads: ThreadStack) -> str:
    return written([Dump(at_ms=0.0, threads=threads)])


def test_two_hundred_workers_at_one_place_are_told_once() -> None:
    workers = [thread(number, 12, 40, name=f"worker-{number}") for number in range(100, 300)]
    told = text(thread(99, 7, name="MainThread"), *workers)
    assert counted(told) == (201, 2)
    assert len(told.splitlines()) == 6
    assert '200 threads with the same stack, 2 deep: 100 "worker-100", ' in told
    assert "and 188 more" in told


def test_who_holds_the_interpreter_is_told_apart_from_those_at_the_same_place() -> None:
    told = text(thread(1, 5), thread(2, 5, gil=True), thread(3, 5))
    assert counted(told) == (3, 2)
    assert "Thread 2 (holds the GIL), 1 deep" in told


def test_of_several_dumps_the_deepest_stack_is_kept() -> None:
    dumps = [Dump(at_ms=0.0, threads=(thread(1, *range(depth)),)) for depth in (2, 9, 3)]
    assert "9 deep" in written(dumps)


def test_no_secret_gets_out_by_the_name_of_a_thread_or_in_a_path() -> None:
    key = "0123456789abcdef0123456789abcdef"
    told = text(thread(1, 5, name="token=hunter2verylong", file=f"/srv/{key}/shop.py"))
    assert "hunter2" not in told
    assert key not in told
    assert "/shop.py:5" in told


def test_a_long_path_is_no_secret() -> None:
    path = "/home/Ana/projects2/shop/src/services/checkout/handlers/pay.py"
    assert path in text(thread(1, 5, file=path))


def test_what_is_too_much_ends_with_a_whole_stack_and_says_how_much_is_missing() -> None:
    many = [thread(number, *range(number, number + 300)) for number in range(400)]
    told = text(*many)
    assert len(told.encode()) <= MOST_BYTES
    threads, _ = counted(told)
    assert told.endswith(f"… {len(many) - threads} more stacks were left out: this holds 1 MiB at most.")
