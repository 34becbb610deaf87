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
    # what was not seen
    "peer_not_in_fleet": "what {peer} does: it is no host of the config",
    "peer_not_asked": "what the other end on {host} does: {said}",
    "nobody_seen_there": "who listens at {peer}: nobody, or another user's process. Grant this login `NOPASSWD: ALL` in sudoers "
    "there and set `sudo: true`",
    "peer_process_not_seen": "what process {pid} on {host} does: it could not be looked at",
    "server_silent": "what {kind} at {peer} does: it gave no answer in time",
    "server_refused": "what {kind} at {peer} does: {said}. What would grant it: {grant}",
    "no_session": "our session in {kind} at {peer}: it shows none. What would grant it: {grant}",
}
