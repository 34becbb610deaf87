"""The sentences for where a wait was followed to."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "waits_for_named": "waits for {peer} {name}",
    "not_accepted": "{peer} has not accepted the connection yet",
    "our_session": "its session {id} there is `{state}` for {since}: {query}",
    "session_holds": "session {id} of {client} holds what it waits for; it is `{state}` for {since}, its last query: {query}",
    "session_of": "that session belongs to process {pid} on {host}: {command}",
    "process_stands_at": "process {pid} on {host} stands in `{function}`, {place}",
    "waits_in_circle": "and that is process {pid} on {host} again: they wait for each other, a distributed deadlock",
    "comes_back_to": "and that is process {pid} on {host} again; another of its threads may be about to answer",
    "end_that_transaction": "Ask why session {id} ({client}) keeps its transaction open; ending that session lets the others go on.",
    "look_at_that_line": "Look at process {pid} on {host}: why does it stand in `{function}`, {place}?",
    "pipe_end": "process {pid} {way} at the other end, and waits in {where}: {command}",
    "process_waits_in": "process {pid} on {host} is in state {state}, in {where}",
    # what a JVM shows
    "collects": "garbage collection takes {share} of its time, went {full} times through the whole memory, and that is {filled} full still",
    "stood_there": "that line is where it wanted memory when I looked; what fills the memory may be elsewhere",
    # a server in front of others
    "front_waits": "{count} requests of {program} to {peer} have had no answer, for {seconds} s at most",
    "front_waits_at_path": "{program} passes requests on to {path}",
    "its_clients_wait": "{count} of its clients wait, for {seconds} s at most",
    "front_workers": "{busy} of its workers are busy, {free} are free",
    "front_request": "{request}: {count} times, for {seconds} s at most",
    "look_behind": "Look at what is behind it at {peer}: it takes requests and does not answer.",
    # what a mutex shows
    "mutex_owner_is_gone": "{count} wait for the mutex at {address}, which thread {owner} holds; that one has ended",
    "unlock_before_it_ends": "Only a restart frees a mutex whose owner has ended. Unlock it before a thread ends, or make it robust.",
    # what CPython's collector shows
    "asks_to_collect": "the program itself asks for a collection: {there} of {samples} samples stand in that call",
    "in_the_collector": "{inside} of {looks} looks at its native frames meet it in the collector",
    "do_not_collect": "A restart helps for as long as there are few objects. Ask for a collection now and then, not for every piece of work.",
    "look_at_the_thresholds": "Look for `gc.set_threshold` and for what keeps so many objects; `gc.freeze()` after the start leaves the old ones out.",
    "light_threads": "it runs virtual threads, which its JVM does not list: one of them may hold the lock",
    "unlock_in_finally": "Only a restart frees a lock whose holder is gone. Unlock it in a `finally`.",
    "give_it_memory": "A restart frees it for a while. Look at what fills the memory (`jcmd {pid} GC.class_histogram`), or give it more (`-Xmx`).",
    # what was not seen
    "no_jcmd": "its threads: neither the JVM nor the host has jcmd or jstack. Install the JDK of its version there (openjdk-*-jdk-headless)",
    "jvm_takes_no_questions": "its threads: this JVM handles no SIGQUIT (-Xrs), so asking it would end it. Start it without -Xrs",
    "jvm_of_another_user": "its threads: the JVM runs as another user. Log in as that user, or grant this login `NOPASSWD: ALL` "
    "in sudoers and set `sudo: true`",
    "jvm_is_held": "its threads: a JVM that is stopped, traced or waits for a disk answers nobody",
    "jvm_not_safe": "its threads: the JVM gave no answer in {seconds} s; it reached no safepoint, or takes no questions",
    "jvm_tool_failed": "its threads: the JVM's tool said: {said}",
    "peer_not_in_fleet": "what {peer} does: it is no host of the config",
    "peer_not_asked": "what the other end on {host} does: {said}",
    "nobody_seen_there": "who listens at {peer}: nobody, or another user's process. Grant this login `NOPASSWD: ALL` in sudoers "
    "there and set `sudo: true`",
    "peer_process_not_seen": "what process {pid} on {host} does: it could not be looked at",
    "server_silent": "what {kind} at {peer} does: it gave no answer in time",
    "server_refused": "what {kind} at {peer} does: {said}. What would grant it: {grant}",
    "no_session": "our session in {kind} at {peer}: it shows none. What would grant it: {grant}",
}
