"""The command line. Every command reads the config, lets `app` do it, prints, and ends with the contract's exit code."""

import io
import json
import os
import re
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import click

from bot.app import acting, backtesting, checking, daemon, database, looking, parts
from bot.demo.folder import FolderFault
from bot.demo.place import running
from bot.domain.audit import Broken
from bot.domain.diagnosis import Verdict
from bot.domain.errors import (
    BadArgument,
    ConfigFault,
    EdgeFault,
    HostFailure,
    NotAllowed,
    Refusal,
    StoreFault,
)
from bot.domain.meetings.slot import Slot
from bot.domain.observations import Observation, ProbeOutcome, ServiceState

DONE, BAD, USAGE, REFUSED = 0, 1, 2, 3
HELP = {"help_option_names": ["-h", "--help"]}
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Without any of them a browser would take the terminal over."""
UNWELL = (ServiceState.SILENT, ServiceState.DOWN)


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is for answers alone."""
    click.echo(text, err=True)


def fail(text: str, code: int) -> NoReturn:
    say(text)
    sys.exit(code)


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what can be said plainly into words and an exit code, without a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ConfigFault, StoreFault, EdgeFault, FolderFault) as fault:
            fail(str(fault), USAGE)
        except Refusal as refusal:
            fail(looking.refusal_text(refusal), USAGE)
        except HostFailure as failure:
            fail(f"{failure.outcome.value.replace('_', ' ')}: {failure.reason}.", BAD)

    return wrapped


class Commands(click.Group):
    """Commands, and the names of those to come: typed, they are told apart from a mistyped one."""

    later: ClassVar[Mapping[str, frozenset[str]]] = {
        "hangbot": frozenset(("init", "mcp", "worker", "workers")),
    }

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.later.get(ctx.command.name or "", ()):
            fail(
                f"{ctx.command_path} {args[0]} is not in this version; {ctx.command_path} --help shows what is.",
                USAGE,
            )
        return super().resolve_command(ctx, args)


@click.group(name="hangbot", cls=Commands, context_settings=HELP)
@click.option("-c", "--config", "config", type=click.Path(path_type=Path), help="The config file; else $HANGBOT_CONFIG, "
              "./hangbot.yaml, /etc/hangbot/hangbot.yaml.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
@click.version_option(parts.version(), prog_name="hangbot")
@click.pass_context
def main(context: click.Context, config: Path | None, verbose: bool) -> None:
    """The incident bot: notices a silent service, names the stuck line, says what to do."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no emoji gets the words at least
    context.obj = parts.Start(config=config, verbose=verbose, environ=os.environ)


@main.command()
@click.pass_obj
@told
def check(start: parts.Start) -> None:
    """Read the config and print what it says."""
    click.echo(looking.check(start))


@main.command()
@click.option(
    "--http",
    default="127.0.0.1:9095",
    show_default=True,
    help="Where /healthz, /readyz, /metrics and, in HTTP mode, /slack/events listen; or off.",
)
@click.pass_obj
@told
def run(start: parts.Start, http: str) -> None:
    """Run the bot: probes, alerts, chat."""
    daemon.run(start, stop=_stop_on_signals(), http=http)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              help="Where the chat page listens, on loopback; 0: any that is free.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the page's address alone.")
@click.option("--dir", "folder", default=".hangbot-demo", show_default=True, type=click.Path(path_type=Path),
              help="The demo's folder: emptied at the start, kept after the end.")  # fmt: skip
@click.pass_obj
@told
def demo(start: parts.Start, port: int, no_browser: bool, folder: Path) -> None:
    """Show everything on this machine: a chat page, hosts over real SSH, a service that really hangs."""
    stop = _stop_on_signals()
    with running(folder, port=port) as place:
        say(f"The chat page: {place.url}\nIn ten seconds the shop on demo1 will hang; watch #ops.")
        say(f"To make it hang again: {place.hang}\nOther commands, beside it: {place.beside}")
        say("Ctrl-C ends it all.")
        if not no_browser and any(os.environ.get(name) for name in SCREENS):
            webbrowser.open(place.url)
        daemon.run(start.with_config(place.config, place.environ, log=place.log), stop=stop, http="off")


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


@main.command()
@click.argument("hosts", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON line per host.")
@click.pass_obj
@told
def probe(start: parts.Start, hosts: tuple[str, ...], as_json: bool) -> None:
    """Take one probe round of HOSTS (all, where none is named)."""
    code = DONE
    for observation in looking.probe(start, hosts):
        click.echo(
            looking.observation_json(observation) if as_json else looking.observation_text(observation)
        )
        code = max(code, BAD if _is_bad(observation) else DONE)
    sys.exit(code)


def _is_bad(observation: Observation) -> bool:
    unwell = any(reading.state in UNWELL for reading in observation.services.values())
    return observation.outcome is not ProbeOutcome.OK or unwell


@main.command()
@click.argument("host")
@click.argument("service", required=False)
@click.option("--pid", type=click.IntRange(min=1), help="This process, rather than the most suspicious one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def inspect(start: parts.Start, host: str, service: str | None, pid: int | None, as_json: bool) -> None:
    """Collect evidence from HOST, and say what hangs and where."""
    inspection = looking.inspect_now(start, host, service, pid, progress=say)
    if as_json:
        click.echo(json.dumps(looking.inspection_document(inspection)))
    else:
        click.echo(looking.inspection_text(inspection))
    sys.exit(DONE if inspection.diagnosis.verdict is Verdict.HEALTHY else BAD)


@main.command()
@click.argument("host")
@click.argument("service")
@click.option(
    "--yes", is_flag=True, help="Really do it; without, only the evidence is stored and the plan shown."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def restart(start: parts.Start, host: str, service: str, yes: bool, as_json: bool) -> None:
    """Restart SERVICE on HOST: evidence first, then the command, then verify that it answers again."""
    try:
        acted = acting.restart_now(start, host, service, yes=yes, progress=say)
    except BadArgument as refusal:
        fail(looking.refusal_text(refusal), REFUSED)
    if as_json:
        click.echo(json.dumps({**acted.document, **({"outcome": "refused"} if acted.planned else {})}))
    (say if as_json else click.echo)(acted.text)
    if acted.planned:
        fail(f"Nothing was restarted. To do it: hangbot restart {host} {service} --yes", REFUSED)
    if acted.outcome == "verified" and not acted.watched_over:
        say("No bot runs beside this, so nobody watches whether it lasts.")
    sys.exit(REFUSED if acted.outcome == "refused" else DONE if acted.outcome == "verified" else BAD)


@main.command()
@click.argument("hosts", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def doctor(start: parts.Start, hosts: tuple[str, ...], as_json: bool) -> None:
    """Say what will work on HOSTS (with none named: Slack, the config and all hosts), and what to type where it will not."""
    found = []
    for checkup in checking.examine(start, hosts):
        found.append(checkup)
        if not as_json:
            click.echo(checking.text(checkup))
    if as_json:
        click.echo(json.dumps(checking.document(found)))
    sys.exit(DONE if all(one.is_well for one in found) else BAD)


@main.command()
@click.argument("hosts", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def discover(start: parts.Start, hosts: tuple[str, ...], as_json: bool) -> None:
    """Propose `services:` for the config: what listens on HOSTS, its unit or program, and a URL of it that answers."""
    found, code = [], DONE
    for one in checking.discover(start, hosts):
        if isinstance(one, tuple):
            host, failure = one
            say(
                f"{host}: {failure.outcome.value.replace('_', ' ')}, {failure.reason}. More: hangbot doctor {host}"
            )
            code = BAD
        else:
            found.append(one)
    click.echo(json.dumps(checking.proposals_document(found)) if as_json else checking.proposals_text(found))
    sys.exit(code)


@main.command()
@click.argument("hosts", nargs=-1, required=True)
@click.option(
    "--fingerprint", help="The fingerprint you expect (SHA256:…); enrols without asking if it is shown."
)
@click.pass_obj
@told
def trust(start: parts.Start, hosts: tuple[str, ...], fingerprint: str | None) -> None:
    """Enrol the host keys of HOSTS, after showing their fingerprints."""
    if fingerprint is not None:
        fingerprint = _checked(fingerprint)
    for host in hosts:
        try:
            keys = looking.scan_keys(start, host)
            for key in keys:
                say(f"{host}: {key.type} {key.fingerprint}")
            looking.enrol_keys(start, host, _vouched(host, keys, fingerprint))
        except HostFailure as failure:
            fail(f"{host}: {failure.outcome.value.replace('_', ' ')}, {failure.reason}.", BAD)
        say(f"{host} is enrolled.")


def _checked(fingerprint: str) -> str:
    """Return it as keys are shown; what is no SHA-256 fingerprint can match none."""
    bare = fingerprint.strip().removeprefix("SHA256:").rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}", bare):
        fail(
            f"{fingerprint} is no fingerprint. Write it as `ssh-keygen -lf KEY.pub` shows it: SHA256:…", USAGE
        )
    return f"SHA256:{bare}"


def _vouched(host: str, keys: list[looking.HostKey], fingerprint: str | None) -> list[looking.HostKey]:
    """Return the keys that somebody vouches for: the one of that fingerprint alone, or all that were shown and confirmed."""
    if fingerprint:
        vouched = [key for key in keys if key.fingerprint == fingerprint]
        if not vouched:
            fail(
                f"{host} shows no key {fingerprint}: nothing was enrolled. Find out which machine answers there.",
                REFUSED,
            )
        return vouched
    if not sys.stdin.isatty():
        fail(
            f"Nothing was enrolled. Compare the fingerprint, then type: hangbot trust {host} --fingerprint SHA256:…",
            REFUSED,
        )
    if not click.confirm(f"Is that {host}?", err=True):
        fail("Nothing was enrolled.", REFUSED)
    return keys


@main.command(name="say")
@click.argument("text", nargs=-1, required=True)
@click.option("--as", "user", help="Speak as this Slack user (audited as both).")
@click.option("--channel", default="", help="As if typed in this channel.")
@click.pass_obj
@told
def say_line(start: parts.Start, text: tuple[str, ...], user: str | None, channel: str) -> None:
    """Send one chat line through the very same handlers, and print the answer."""
    answer = acting.say(start, " ".join(text), user=user, channel=channel)
    click.echo(answer.text)
    sys.exit(DONE if answer.refusal is None else REFUSED if isinstance(answer.refusal, NotAllowed) else USAGE)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True)
@click.option("--now", help="As if typed at this moment, in ISO: 2026-11-23T16:20:00+01:00.")
@click.option("--tz", help="The zone where none is typed; else the config's, else UTC.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def when(start: parts.Start, text: tuple[str, ...], now: str | None, tz: str | None, as_json: bool) -> None:
    """Show how `/hang review` reads the date TEXT."""
    answer = looking.when(start, text, now=now, tz=tz)
    click.echo(json.dumps(looking.answer_document(answer)) if as_json else looking.answer_text(answer))
    sys.exit(DONE if isinstance(answer, Slot) else BAD)


@main.command()
@click.option("--rule", required=True, metavar="NAME", help="A rule of the config, or a built-in one.")
@click.option(
    "--csv", "file", type=click.Path(path_type=Path, dir_okay=False),
    help="Columns `timestamp` and metric names; `value` stands for the rule's only metric.",
)  # fmt: skip
@click.option("--host", metavar="HOST", help="Instead of a file, what the bot has stored of this host.")
@click.option(
    "--days",
    type=click.FloatRange(min=0.04, max=30),
    default=30.0,
    show_default=True,
    help="Of the stored history.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def backtest(
    start: parts.Start, *, rule: str, file: Path | None, host: str | None, days: float, as_json: bool
) -> None:
    """Show when a rule would have fired, given readings of the past."""
    if (file is None) is (host is None):
        fail("Name what to replay: --csv FILE, or --host HOST for what is stored of it.", USAGE)
    found = (
        backtesting.backtest(start, rule, file)
        if file is not None
        else backtesting.backtest_history(start, rule, str(host), days=days)
    )
    click.echo(json.dumps(backtesting.document(found)) if as_json else backtesting.text(rule, found))


@main.command()
@click.argument("words", nargs=-1, metavar="[verify] [HOST]")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The newest so many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@told
def audit(start: parts.Start, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show who did what (to HOST), newest last; `verify`: whether anybody changed it afterwards."""
    verified = words[:1] == ("verify",)
    hosts = words[1:] if verified else words
    if len(hosts) > 1:
        fail("I take one host at most: hangbot audit [verify] [HOST]", USAGE)
    trail = database.audit(start, hosts[0] if hosts else None, limit=limit, verified=verified)
    click.echo(json.dumps(trail.document()) if as_json else trail.text())
    if trail.caution():
        say(trail.caution())
    sys.exit(BAD if isinstance(trail.found, Broken) else DONE)


@main.command()
@click.option(
    "--http", metavar="URL", help="For HTTP mode: where Slack reaches the bot (https://hangbot.example.org)."
)
@told
def manifest(http: str | None) -> None:
    """Print the Slack app manifest."""
    click.echo(looking.manifest(http), nl=False)


@main.group(cls=Commands)
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
@told
def upgrade(start: parts.Start) -> None:
    """Bring the schema up to date."""
    say(database.db_upgrade(start))


@db.command()
@click.pass_obj
@told
def current(start: parts.Start) -> None:
    """Print the schema's revision."""
    click.echo(database.db_current(start))


@db.command()
@click.argument("target", metavar="TARGET_URL")
@click.pass_obj
@told
def copy(start: parts.Start, target: str) -> None:
    """Copy everything into the empty database TARGET_URL. Stop the bot first."""
    say(database.db_copy(start, target))
