"""What is said to somebody who is told no: what happened, and what to type next. Only that person sees it."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.errors import BadArgument, NotAllowed, NoTime, NotYetBuilt, Refusal, UnknownName
from bot.domain.messages import Bullets, Line, Mention, Message, Paragraph, Span, bold, code, flat, say
from bot.present import review_refusals
from bot.present.help import VERBS

LONGEST_WORD = 80


def message(
    refusal: Refusal,
    *,
    typed: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    channel: str = "",
) -> Message:
    """Return a refusal in words: `typed` is the verb and its words, `names` are those of people and groups by id."""
    if isinstance(refusal, UnknownName):
        return _unknown_verb(refusal) if refusal.kind == "verb" else _unknown(refusal, typed)
    if isinstance(refusal, NotAllowed):
        return _not_allowed(refusal, names or {}, channel or "the alert channel")
    if isinstance(refusal, NotYetBuilt):
        return _not_built(refusal)
    if isinstance(refusal, NoTime):
        return review_refusals.no_time(refusal)
    if isinstance(refusal, BadArgument):
        return _bad_argument(refusal)
    return _message(say(str(refusal)))


def _message(line: Line, *more: Paragraph | Bullets) -> Message:
    return Message(text=flat(line), sections=(Paragraph(line=line), *more))


def _short(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"


def _unknown(refusal: UnknownName, typed: Sequence[str]) -> Message:
    where = f" on {refusal.on}" if refusal.on else ""
    line = say(f"I know no {refusal.kind} ", code(_short(refusal.word)), where, ".")
    if refusal.nearest:
        best = refusal.nearest[0]
        again = " ".join(_mended(word, refusal.word, best) for word in typed)
        line += say(" Did you mean ", bold(best), "?", *(say(" ", code(f"/hang {again}")) if again else ()))
    elif refusal.known:
        line += say(" There is ", code(", ".join(refusal.known[:8])), ".")
    else:
        line += say(
            f" There is no {refusal.kind} at all" if refusal.kind != "alert" else " Perhaps it is long over",
            ".",
        )
    return _message(line)


def _mended(word: str, wrong: str, right: str) -> str:
    """Return a typed word with the wrong name in it, alone or as HOST/SERVICE, put right."""
    return "/".join(right if part.lower() == wrong.lower() else part for part in word.split("/"))


def _unknown_verb(refusal: UnknownName) -> Message:
    line = say("I do not know ", code(_short(refusal.word)), ".")
    near = [verb for verb in refusal.nearest if verb in VERBS]
    if near:
        usage, meaning = VERBS[near[0]]
        return _message(line + say(" Did you mean ", code(f"/hang {usage}"), f"? ({meaning})"))
    later = [verb for verb in refusal.nearest if verb not in VERBS]
    if later:
        line += say(" ", code(later[0]), " is not in this version.")
    return _message(line + say(" ", code("/hang help"), " shows what I can do."))


def _not_allowed(refusal: NotAllowed, names: Mapping[str, str], channel: str) -> Message:
    if refusal.reason == "not_a_member":
        return _message(say(f"I answer members of {channel} only. Join it, and ask again."))
    if refusal.reason == "elsewhere":
        return _message(say(f"I answer in {channel} and in direct messages. Ask me there."))
    target = f" {refusal.target}" if refusal.target else ""
    line = say(f"You may look, but not {refusal.verb}{target}. ")
    if refusal.reason == "evidence":
        line = say("What is read on a host is for operators here: ", code("access.evidence"), ". ")
    if not refusal.who:
        return _message(line + say("The config names no operators: ", code("access.operators"), "."))
    people: list[Span] = []
    for number, who in enumerate(refusal.who):
        people += say(" and " if number and number == len(refusal.who) - 1 else ", " if number else "")
        people.append(
            Mention(id=who, name=names.get(who, who), quiet=False)
        )  # seen by one person: rings nobody
    return _message(line + tuple(people) + say(" may."))


def _not_built(refusal: NotYetBuilt) -> Message:
    line = say(bold(f"{refusal.verb} is not in this version of me."))
    if refusal.instead:
        return _message(line + say(" By hand: ", code(refusal.instead)))
    return _message(line + say(" ", code("/hang help"), " shows what is."))


Words = Callable[[BadArgument], Line]
ARGUMENTS: Mapping[str, Words] = {
    **review_refusals.WORDS,
    "too_long": lambda it: say(
        f"That is {it.facts['length']} characters; I read {it.facts['most']}. Say it shorter."
    ),
    "missing_host": lambda it: say("Which host? ", code(it.usage), ". ", code("/hang hosts"), " lists them."),
    "missing_duration": lambda it: say("For how long? ", code(it.usage), ", with 30m, 2h or 1d."),
    "no_time_back": lambda it: say(
        code(_short(it.word)),
        f" is no time back that I read: 90s, 30m, 2h or 1d, and {it.facts.get('most', 'a week')} at most. ",
        code(it.usage),
    ),
    "too_many_words": lambda it: say(
        "I do not understand ", code(_short(it.word)), " there. ", code(it.usage)
    ),
    "same_host": lambda it: say(bold(it.word), " beside itself? Name another host: ", code(it.usage)),
    "no_pid": lambda it: say(code(_short(it.word) or "nothing"), " is no process number. ", code(it.usage)),
    "which_service": lambda it: say(
        bold(it.word),
        " has more than one service: ",
        code(it.facts["known"]),
        ". Which one? ",
        code(it.usage),
    ),
    "no_service": lambda it: say(
        "The config names no service on ",
        bold(it.word),
        ". Name a process: ",
        code(f"/hang inspect {it.word} pid 4021"),
    ),
    "already_looking": lambda it: say(
        "I am looking at ", bold(it.word), " already; the answer comes in its thread."
    ),
    "no_peer": lambda it: say(
        "No other host runs the service of ",
        bold(it.word),
        " and is known to be well. Name hosts: ",
        code(it.usage),
    ),
    "nothing_fires": lambda it: say(
        "Nothing fires", f" on {it.word}" if it.word else "", ", so there is nothing to acknowledge."
    ),
    "alert_stands": lambda it: say(
        "It is not over yet. Once it is, say whether it was worth it: ", code(f"/hang noise {it.word}"), "."
    ),
    "nothing_over": lambda it: say("No alert that I told of is over. What fires: ", code(it.usage), "."),
    "alerts_what": lambda it: say(
        "There is nothing like ",
        code(_short(it.word)),
        ". Type ",
        code("/hang alerts"),
        " or ",
        code(it.usage),
        ".",
    ),
    "which_alert": lambda it: say("More than one alert fires. Which one? ", code(it.usage)),
    "which_silence": lambda it: say(
        "More than one silence is in force. ", code(it.usage), "; ", code("/hang alerts"), " lists them."
    ),
    "nothing_silenced": lambda it: say("Nothing is silenced. ", code(it.usage), " would end a silence."),
    "silence_too_long": lambda it: say(
        f"{it.word} is too long: 24 h at most, since a silence that nobody ends is how alerts get lost. ",
        code(it.usage),
    ),
    "silence_too_short": lambda it: say("That silence would be over already. ", code(it.usage)),
    "incident_what": lambda it: say(
        *((code(_short(it.word)), " is nothing I do with an incident. ") if it.word else ()),
        code("/hang incident open TITLE"),
        ", ",
        code("/hang incident resolve [INC] [TEXT]"),
        " or ",
        code("/hang incident list"),
        ".",
    ),
    "incident_title": lambda it: say(
        "What is it called? ",
        "More than one alert fires"
        if it.facts["firing"] != "0"
        else "Nothing fires that would give it a name",
        ": ",
        code(it.usage),
        ".",
    ),
    "which_incident": lambda it: say(
        "Which incident? ", f"{it.facts['known']}. ", "Name it: ", code(it.usage), "."
    ),
    "no_incident": lambda it: say("No incident is open. ", code(it.usage), " opens one."),
    "note_text": lambda it: say("What shall I note? ", code(it.usage), "."),
    "no_remedy": lambda it: say(
        "The config does not say how to restart ",
        bold(it.word),
        ". Write into it, under ",
        code(f"services.{it.facts.get('service') or 'NAME'}"),
        ": ",
        code("unit: NAME.service"),
        ", ",
        code("supervisor: NAME"),
        ", ",
        code("container: NAME"),
        " or ",
        code("restart: [/path/to/command]"),
        ".",
    ),
    "act_under_way": lambda it: say(
        bold(it.word),
        " is being restarted already",
        f": asked for by {it.facts['name']}, {it.facts['state'].replace('_', ' ')}"
        if it.facts.get("name")
        else "",
        f" ({it.facts['id']}). Its message in the channel tells how it goes." if it.facts.get("id") else ".",
    ),
    "said_yes_already": lambda it: say(
        "Your yes to restarting ", bold(it.word), " is counted already; another operator must say yes, too."
    ),
    "which_question": lambda it: say("Which question? ", code(it.usage), ": its id stands under it."),
    "alert_over": lambda it: say(bold(it.facts["target"]), " is over already: nothing to acknowledge."),
}


def _bad_argument(refusal: BadArgument) -> Message:
    words = ARGUMENTS.get(refusal.code)
    if words is None:
        usage = say(" ", code(refusal.usage)) if refusal.usage else ()
        return _message(say(refusal.code.replace("_", " "), ": ", code(_short(refusal.word))) + usage)
    return _message(words(refusal))
