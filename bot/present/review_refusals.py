"""Why a review is not proposed, booked, moved or cancelled, and what to type instead."""

from collections.abc import Callable, Mapping

from bot.domain.errors import BadArgument, NoTime
from bot.domain.messages import Bullets, Line, Message, Paragraph, bold, code, flat, say
from bot.present import meetings

EXAMPLES = ("tomorrow 10:00", "tue 14:30 for 45m with @ana", "2026-12-01 09:00 Europe/Berlin")
BARRED = {"bot": "is a bot", "deactivated": "is deactivated"}
ANSWERED = {
    "booked": "It is booked already; the invitation stands in the channel.",
    "done": "That was done already.",
    "moved": "It was moved meanwhile: say again what you want.",
    "cancelled": "It was booked, and cancelled since.",
    "offered": "Pick the time first.",
}

WORDS: Mapping[str, Callable[[BadArgument], Line]] = {
    "review_exists": lambda it: say(
        bold(it.word), f" is booked for {it.facts['at']}. To move it: ", code(f"/hang review move {it.word} thu 14:00"),
        ", to cancel it: ", code(f"/hang review cancel {it.word}"),
    ),
    "review_past": lambda it: say(f"{it.word} is over. Say a time to come: ", code("/hang review tomorrow 10:00")),
    "no_review": lambda it: say("No review of ", bold(it.word), " is booked. ", code(it.usage), " books one."),
    "review_over": lambda it: say(
        "The review of ", bold(it.word), f" is over ({it.facts['at']}). ", code(it.usage), " books another one."
    ),
    "review_begun": lambda it: say("The review of ", bold(it.word), f" has begun ({it.facts['at']}): too late to change it."),
    "review_expired": lambda it: say(
        "That is too old to say yes to, so nothing was done. Type it again",
        *((": ", code(it.facts["line"])) if it.facts["line"].startswith("/") else (".",)),
    ),
    "review_answered": lambda it: say(ANSWERED.get(it.facts["status"], "That was answered already.")),
    "review_picked": lambda _: say("That time was picked already: its proposal stands in the channel."),
    "review_gone": lambda it: say("I know nothing of ", code(it.word[:80]), ". ", code("/hang review"), " shows what is booked."),
    "not_invitable": lambda it: say(
        bold(f"@{it.word}"), f" {BARRED.get(it.facts['why'], 'cannot come')}, so I do not invite them. Leave them out of ",
        code("with …"), ".",
    ),
    "unknown_person": lambda it: say(
        "I know nobody called ", code(it.word[:80]), ". Write the name as Slack shows it: ", code("with @ana @ben"), "."
    ),
    "too_many_people": lambda it: say(f"{it.word} people are too many for me to invite: {it.facts['most']} at most."),
    "no_incident_yet": lambda it: say(
        "No incident was opened for ", bold(it.word), ", and a review is one of an incident. An operator opens it: ",
        code(it.usage), ".",
    ),
    "what_to_confirm": lambda it: say(
        "Nothing that waits for a yes is called ", code(it.word[:80] or "nothing"), ". The button does it, or the id below it."
    ),
}  # fmt: skip


def no_time(refusal: NoTime) -> Message:
    """Say why a time was not taken, with examples that are."""
    line = meetings.refused(refusal.clue)
    typed = refusal.usage.partition(" [INC]")[0]
    examples = tuple(say(code(f"{typed} {one}")) for one in EXAMPLES)
    return Message(text=flat(line), sections=(Paragraph(line=line), Bullets(lines=examples)))
