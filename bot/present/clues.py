"""One sentence for every reason a diagnosis can have. A test walks the codes that the program uses."""

from collections.abc import Mapping

from bot.domain.clues import Clue
from bot.present import clues_of_pressure, clues_of_waits

SENTENCES: Mapping[str, str] = {
    # recursion
    "cycle": "{functions} call each other (deepest sample: {deepest} calls)",
    "same_arguments": "each turn has the very same arguments, {repeats} times over",
    "depth_swings": "the depth reaches {highest} calls and falls back to {lowest}, over {samples} samples: it dies at the limit and starts again",
    "deepens": "it deepens in every sample: {first} calls in the first, {last} in the last of {samples}",
    "in_a_template": "it recurses in `{function}` of the template {template}, whose lines are not those that run",
    "overflows": "its stack overflowed {count} times while I looked: the error is caught, and it starts again",
    "starts_again": "`{function}`, {place}, starts it again in its loop at line {loop}: the error is caught there or in between",
    "end_the_recursion": "A restart frees what is stuck; the same input will hang it again. Look at what should end the recursion of `{function}`.",
    # burning CPU
    "burns": "it uses {share} of a core over {samples} samples",
    "no_loop_seen": "no loop is to be seen around it",
    "body_changes_nothing": "nothing in the loop at line {line} changes what would end it",
    "exit_unchanged": "what would end the loop at line {line} does not change: {names}",
    "comes_back": "what would end the loop at line {line} takes the same few values again and again: {names}",
    "starts_over": "the loop at line {line} starts over and over, and what would end it does not change: {names}",
    "values_unchanged": "no value in the loop at line {line} changes",
    "never_leaves": "nothing leaves the loop at line {line}, and nothing in it changes",
    "exit_not_seen": "what would end the loop at line {line} cannot be seen from outside",
    "only_asks": "the loop at line {line} only asks the same question again and again, and changes nothing",
    "walks_in_circle": "the loop at line {line} walks from one {name} to the next, and comes back to where it was",
    "walks_too_long": "the loop at line {line} walks from one {name} to the next, longer than any chain that fits into memory",
    "fails_each_time": "the loop at line {line} tries again at once, and no try was seen to go well ({samples} samples stand where it failed)",
    "look_at_the_exit": "A restart frees it. Look at what should end the loop in `{function}`.",
    "counts_on": "the loop of `{function}` at line {line} gets on: {name} changes",
    "exit_changed": "what ends the loop of `{function}` at line {line} changes: {name}",
    "values_change": "{name} changes in `{function}`",
    "io_moves": "it reads and writes: {bytes} bytes in half a second",
    "work_moves": "the work below `{function}` moves from place to place",
    "let_it_work": "It gets on. Wait, or ask why `{function}` has so much to do.",
    "one_match": "all {samples} samples stand in one match of a regular expression",
    "look_at_the_pattern": "A restart frees it; the same text will hang it again. Look for nested repetition in the pattern.",
    # locks
    "waits_holding": "{thread} waits for {wants} ({place}) and holds {holds}",
    "waits_for_owner": "{thread} waits for {wants} ({place}), which {owner} has",
    "each_holds_one": "each waits for another lock, each holds one, and nobody else runs",
    "take_locks_in_order": "Only a restart ends it. Take these locks in one order everywhere.",
    "lock_taken_twice": "Only a restart ends it. The same thread takes this lock twice: use an RLock, or take it once.",
    "nobody_holds": "{count} threads wait for {lock}, and no living thread stands where it could give it back",
    "waits_for_file_of": "process {pid} waits for {path}, which process {holder} has locked ({command})",
    "lock_files_in_order": "End one of these processes. Lock these files in one order everywhere, or with a limit of time.",
    "owner_is_gone": "the thread that took {lock} has ended",
    "owner_has_left": "{owner} took {lock} and is long somewhere else",
    "acquire_without_finally": "`{function}` ({place}) takes it, and not every way out of there gives it back",
    "release_in_finally": "Only a restart ends it. Use `with`, or release in `finally`, wherever this lock is taken.",
    "coroutine_may_hold": "a coroutine that waits may hold it, and no stack shows those",
    "forked_while_held": "it was forked from process {pid}, which has {count} threads: one of them held {lock} at that moment, and it is not in this copy",
    "do_not_fork_threads": "Restart this child. Start it with `spawn` or `forkserver`, or fork before the first thread begins.",
    "keeps_the_lock": "it holds the interpreter's lock in all {samples} samples and does not run",
    "others_ask": "{count} other threads keep asking for that lock",
    "release_the_lock": "The native call does not release the interpreter's lock. Call it in a process of its own.",
    "all_workers_wait": "all {count} workers wait in `{function}` for work that only this pool could do",
    "all_wait_alike": "{count} threads wait in `{function}` for something that nobody has signalled",
    "takers_wait": "{count} threads wait in `{function}` for a connection from the pool of {pool}, and get none",
    "semaphore_takers": "{count} threads wait in `{function}` for a semaphore, and nobody is left who could release it",
    "holder_may_work": "{count} other threads may hold what they wait for, and are at work",
    "look_for_the_leak": "A restart frees it. Look for what takes one and does not give it back, on errors above all.",
    "another_pool": "A restart frees it until the next such burst. Let what waits for results run in another pool.",
    # event loop
    "loop_stands": "the event loop stands in `{function}`, {place}, in all {samples} samples",
    "called_in": "it is called in `{function}`, {place}",
    "clients_wait": "{count} clients wait for an answer, the longest for {seconds} s",
    "no_timer": "the event loop sleeps without a timer: nothing in it is due",
    "nobody_to_wake_it": "it has no thread, child, connection or watch that could wake its loop",
    "tasks_in_a_circle": "these tasks await each other in a circle: {names}",
    "tasks_want_locks": "{count} of its tasks wait for a lock",
    "tasks_not_seen": "the tasks cannot be seen from outside before Python 3.14",
    "long_poll_looks_alike": "clients that wait for news on purpose look the same",
    "look_at_the_awaits": "Look for two locks taken in two orders, a lock taken twice, or a task that awaits its own result.",
    "await_instead": "Nothing else of this loop runs meanwhile. Await it, or run `{function}` in a thread.",
    # waiting for others
    "waits_for_peer": "it {doing} from {peer}, in {call}",
    "others_wait": "{count} other threads wait for a lock meanwhile",
    "look_at_the_peer": "Look at {peer}: is it up, and does it answer? The call has no time limit that has run out yet.",
    "peer_owes": "{count} requests to {peer} have no answer since {seconds} s",
    "waits_for_database": "it waits for {kind} at {peer}",
    "look_at_the_database": "Look at what {peer} is doing: its process list, its locks.",
    "resolves": "it resolves a name (a question to port 53 is open: {asks})",
    "look_at_the_resolver": "Look at the resolver in /etc/resolv.conf: does it answer?",
    "waits_for_child": "it waits for process {pid} (state {state}): {command}",
    "child_writes_full_pipe": "that process writes to a full pipe: nobody reads its output",
    "look_at_the_child": "Look at process {pid}: why does it not end?",
    "opens_pipe": "it opens a named pipe whose other end nobody opens",
    "full_pipe": "it writes to a pipe that is full (file descriptor {fd})",
    "empty_pipe": "it reads from a pipe that is empty (file descriptor {fd})",
    "look_at_the_pipe": "Look at the process on the other end.",
    "waits_for_file_lock": "it waits for a lock on {path}; held by {holder}",
    "look_at_the_holder": "Look at {holder}: why does it keep the lock?",
    "file_system_silent": "it waits for a file system that a program provides, in {where}, in both snapshots",
    "uninterruptible": "it sleeps where no signal reaches it, in {where}, in both snapshots",
    "look_at_the_disk": "Look at the disk or network file system below it; a restart will not help before that answers.",
    # states
    "traced": "process {pid} is tracing it",
    "stopped_by_signal": "a signal stopped it",
    "end_the_debugger": "Find out who debugs it: process {pid}.",
    "continue_it": "If nobody meant to stop it: kill -CONT {pid}.",
    # waiting for work
    "all_wait_for_work": "threads: {count}; each stands where a program waits for work",
    "workers_have_no_job": "it waits for the outcome of a pool, and all its {count} processes wait for work",
    "workers_look_idle": "a worker may wait for something else that looks the same",
    "look_at_dead_workers": "Look for a worker that was killed: its job is lost, and the pool does not say so.",
    "jobs_not_done": "it waits until all jobs are done, and all {count} workers wait for a job: one was never marked as done",
    "no_reply_comes": "{count} clients wait for an answer, who serves them waits for a queue, and nobody else has anything to do",
    "nobody_does_jobs": "it waits until all jobs are done, and no thread is left to do one",
    "nobody_else_lives": "it waits for a queue, and is the only thread of a process without children: nobody can put anything",
    "look_at_task_done": "Look for a way through the worker that does not reach `task_done()`.",
    "look_at_the_consumer": "Look at why the threads that did the jobs ended.",
    "all_in_queue_get": "working threads: {count}; each waits for a queue",
    "idle_looks_alike": "a program without work looks the same",
    "thin_evidence": "the evidence is thin",
    "ask_what_should_come": "If it should have work, look at who should send it.",
    "look_at_the_producer": "Look at who should put work into that queue.",
    # what was not seen
    "looked_gently": "whole stacks, perhaps: by myself I only read it as it runs, and never stop it; `Inspect again` looks closer",
    "log_hidden": "the journal of {name}: this login may not read it. Put it into the group systemd-journal, or set `sudo: true`",
    "log_goes_to": "its log: what it writes goes to {place}, and the journal has nothing of it",
    "log_unreadable": "its log: the file that it writes to is not mine to read",
    "log_nojournal": "its log: the host has no journalctl",
    "log_nowhere": "its log: neither the journal nor a file of its own has anything",
    "cut_short": "the host's answer was cut short",
    "process_changed": "process {pid} ended or was replaced while I looked",
    "ended_unreaped": "process {pid} has ended; only its entry is left until its parent asks for it",
    "not_python": "it is no Python program: I see its threads from outside only",
    "no_sampler": "the host has no py-spy",
    "no_sampler_for": "the host has no py-spy, and I have none for {machine}",
    "upload_never": "the host has no py-spy, and the config says to bring none: `inspect.upload`",
    "upload_when_asked": "the host has no py-spy; I bring one when a person asks: `/hang inspect`",
    "upload_failed": "py-spy could not be brought along: {said}",
    "look_failed": "the stacks: the look at them did not come to an end ({said})",
    "no_right_to_trace": "the stacks: I may not trace it. Log in as the user it runs as, or grant this login "
    "`NOPASSWD: ALL` in sudoers and set `sudo: true`",
    "not_ours_to_read": "which program it is, and its stacks: it is another user's. Log in as that user, or grant this login "
    "`NOPASSWD: ALL` in sudoers and set `sudo: true`",
    "sampler_failed": "py-spy gave no stacks: {said}",
    "no_locals": "the values of locals: the host has no python3 to compare them there",
    "no_kernel_view": "what the threads wait for in the kernel: needs the same user, or root",
    "no_process": "{service} has no process there",
    "pid_gone": "there is no process {pid}",
    **clues_of_pressure.SENTENCES,
    **clues_of_waits.SENTENCES,
}


def sentence(clue: Clue) -> str:
    """Return a clue in words; a code without words shows itself rather than nothing."""
    template = SENTENCES.get(clue.code)
    if template is None:
        return clue.code.replace("_", " ")
    return template.format_map(
        {
            name: "yes" if value is True else "no" if value is False else value
            for name, value in clue.facts.items()
        }
    )
