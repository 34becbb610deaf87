"""One sentence for every reason why an act was not done, or did not help, or is not known."""

from collections.abc import Callable, Mapping

from bot.domain.clues import Fact
from bot.domain.messages import Line, code, say

Words = Callable[[Mapping[str, Fact]], Line]
REFUSED = ("config_changed", "too_late", "no_operator", "too_few", "no_remedy")
REASONS: Mapping[str, Words] = {
    "host_not_asked": lambda it: say(
        f"{it['host']} cannot be asked (",
        code(str(it["said"])),
        "), so nothing was sent. ",
        "Try ",
        code(f"/hang probe {it['host']}"),
        ", and ask again.",
    ),
    "unit_masked": lambda it: say(
        "The unit ",
        code(str(it["unit"])),
        " is masked: systemd would refuse. Unmask it on the host: ",
        code(f"systemctl unmask {it['unit']}"),
    ),
    "unit_not_loaded": lambda it: say(
        "systemd there knows no unit ",
        code(str(it["unit"])),
        f" ({it['load']}). Look at ",
        code("services: … unit:"),
        " in the config.",
    ),
    "config_changed": lambda _: say("The config says something else now than when it was asked for."),
    "too_late": lambda _: say("I came to it too late: what was asked for then may not be right now."),
    "no_operator": lambda it: say(f"{it['name']} is no operator any more."),
    "too_few": lambda _: say("Too few operators said yes."),
    "fault": lambda _: say("That failed on my side, and it is in my log."),
    "cancelled": lambda it: say(f"{it['name']} cancelled it."),
    "expired": lambda _: say("Nobody said yes in time."),
    "restarted_meanwhile": lambda _: say("I was started anew since; what I asked before is no longer valid."),
    "sudo_refused": lambda it: say(
        "sudo there would not let me (exit ",
        str(it["exit"]),
        "). The line that sudoers needs: ",
        code(f"{it['user']} ALL=(root) NOPASSWD: {it['allow']}"),
    ),
    "command_failed": lambda it: say(f"The command ended with {it['exit']}, and nothing changed there."),
    "not_done_after_all": lambda _: say("The command never ran there: the same process runs as before."),
    "same_process": lambda it: say(
        f"The command says it is done, but the same process {it['pid']} still runs."
    ),
    "same_line": lambda it: say(
        f"The new process {it['pid']} is stuck at the same line ({it['place']}). Not again before someone looks."
    ),
    "other_line": lambda it: say(
        f"The new process {it['pid']} is stuck in {it['place']}, not where it was. Not again before someone looks."
    ),
    "a_line": lambda it: say(
        f"The new process {it['pid']} is stuck in {it['place']}. Not again before someone looks."
    ),
    "no_line": lambda it: say(
        f"Process {it['pid'] or 'of it'} runs, and I cannot name what it waits for. Not again before someone looks."
    ),
    "died": lambda it: say(
        f"It answered, and was gone {it['after_s']} s later", _state(it), ". Look at its log."
    ),
    "gone": lambda it: say("None of its processes lives", _state(it), ". Look at its log."),
    "silent_again": lambda _: say("It answered once, and then no more. Not again before someone looks."),
    "lasted_same_line": lambda it: say(f"Same line as before ({it['place']})."),
    "lasted_other_line": lambda it: say(f"It is stuck in {it['place']}, not where it was."),
    "lasted_a_line": lambda it: say(f"It is stuck in {it['place']}; where it was before, I had not seen."),
    "lasted_no_line": lambda _: say("I cannot name what it is stuck at."),
    "lasted_died": lambda it: say("Its process is gone", _state(it), ". Look at its log."),
    "unseen_at_the_end": lambda _: say("Whether it lasted I cannot tell."),
    "asked_again": lambda it: say(f"{it['name']} asked for another one, so I watch this one no longer."),
    "never_seen": lambda it: say(
        f"{it['host']} could not be asked for 10 min. It is not sent a second time. Look yourself: ",
        code(f"/hang probe {it['host']}"),
    ),
}
LOST: Mapping[str, Words] = {
    "link": lambda it: say("The link broke while the command ran (", code(str(it["said"])), ")."),
    "interrupted": lambda _: say("I was interrupted while the command ran."),
    "no_word": lambda _: say("The command did not say how it ended."),
}


def _state(facts: Mapping[str, Fact]) -> str:
    return f" (unit {facts['unit']})" if facts.get("unit") else ""
