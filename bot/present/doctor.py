"""A checkup in words: what works, what does not, and what to type."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.checkups import Check, CheckState, Checkup
from bot.domain.clues import Clue
from bot.domain.messages import Bullets, Context, Line, Message, Tone, bold, code, say
from bot.domain.observations import ProbeOutcome
from bot.present.readings import OUTCOMES

SIGNS = {CheckState.OK: "✓", CheckState.NOTE: "–", CheckState.FAULT: "✗"}
SENTENCES: Mapping[str, str] = {
    # the way there
    "doctor_local": "this machine itself",
    "doctor_reached": "reached as {place}, a round takes {ms} ms",
    "doctor_reached_through": "reached as {place} through {through}, a round takes {ms} ms",
    "doctor_not_reached": "{outcome}: {reason}",
    "doctor_mend_trust": "hangbot trust {host}",
    "doctor_mend_changed": "if the change was announced: ssh-keygen -f {known_hosts} -R {host}; then hangbot trust {host}",
    "doctor_mend_login": "put the public half of {key} into ~{user}/.ssh/authorized_keys there; see why: "
    "ssh -v -l {user} -p {port} {address}",
    "doctor_mend_reach": "look from here: ssh -v -l {user} -p {port} {address}",
    "doctor_mend_ssh": "look from here: ssh -v -l {user} -p {port} {address}",
    "doctor_way_local": "read through psutil",
    "doctor_way_loop": "a collector stays on it, and small rounds start nothing there",
    "doctor_way_hidden_lengths": "a collector stays on it, and a thread of mine waits for each answer: its sshd has neither AES-GCM nor an encrypt-then-MAC cipher",
    "doctor_way_odd_shell": "a command per round: its shell does not run the collector",
    "doctor_way_single": "asked by a command; a bot that runs keeps a collector there",
    "doctor_way_threads": "a collector stays on it, and a thread of mine waits for each answer: paramiko here is not inside as the loop needs it",
    "doctor_way_none": "the connection broke meanwhile",
    "doctor_mend_ciphers": "in its sshd_config: Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com",
    "doctor_login": "logged in as {account} on {system}",
    # rights
    "doctor_root": "the account is root: it may see and restart everything",
    "doctor_no_sudo_wanted": "without sudo, as `sudo: false` says: it sees and restarts what is its own",
    "doctor_sudo": "sudo -n works: it may see and restart everything",
    "doctor_sudo_some": "sudo -n runs some commands for {account}, but no shell: other users' processes stay closed",
    "doctor_sudo_refused": "sudo -n is refused to {account}: other users' processes stay closed, units cannot be restarted",
    "doctor_sudo_absent": "there is no sudo: other users' processes stay closed, units cannot be restarted",
    "doctor_mend_sudo": "echo '{account} ALL=(root) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/hangbot",
    "doctor_mend_sudo_off": "take `sudo: false` out of the config, and let the account use sudo -n",
    "doctor_trace": "may trace {service} (process {pid} of {owner})",
    "doctor_no_trace": "may not trace {service} (process {pid} of {owner}): its stacks stay closed",
    "doctor_mend_yama": "sudo sysctl kernel.yama.ptrace_scope=0, or let the account use sudo -n",
    # tools
    "doctor_sampler": "the sampler is there: {path}",
    "doctor_sampler_asked": "no sampler there: one is brought along when somebody asks for an inspection, and taken away again",
    "doctor_sampler_brought": "no sampler there: one is brought along for each inspection, and taken away again",
    "doctor_sampler_never": "no sampler there, and `inspect.upload` is never: Python programs cannot be named",
    "doctor_no_sampler": "no sampler there, and none here for {machine}: Python programs cannot be named",
    "doctor_mend_sampler": "there: pip install py-spy, where root finds it",
    "doctor_mend_upload": "there: pip install py-spy; or in the config: inspect: {{upload: ask}}",
    "doctor_no_timeout": "no timeout(1): a command that hangs there outlives its deadline",
    "doctor_no_debugger": "neither gdb nor eu-stack: native code is looked at without names",
    "doctor_no_pressure": "no pressure readings (PSI): load is judged by the load average",
    "doctor_mend_install": "there: sudo apt-get install -y {package} (or as its system has it)",
    "doctor_journal": "the journal can be read",
    "doctor_no_journal": "no journal: logs are read from the files a service writes to",
    "doctor_journal_empty": "the journal may be read, and says nothing",
    "doctor_journal_closed": "the journal cannot be read",
    "doctor_mend_journal": "sudo usermod -aG systemd-journal {account}",
    # time
    "doctor_clock": "its clock is {seconds} s from ours (± {unsure} s)",
    "doctor_clock_ahead": "its clock is {seconds} s ahead of ours (± {unsure} s): timelines will be wrong",
    "doctor_clock_behind": "its clock is {seconds} s behind ours (± {unsure} s): timelines will be wrong",
    "doctor_mend_clock": "there and here: timedatectl set-ntp true; compare: date -u",
    "doctor_no_clock": "it does not tell its time",
    "doctor_round_trip": "a command takes {ms} ms there and back",
    "doctor_slow": "a command takes {ms} ms there and back: a slow link",
    # services
    "doctor_service": "{service}: {state}",
    "doctor_unknown": "{service}: it cannot be told how it is ({reason})",
    "doctor_no_unit": "{service}: there is no unit {unit} ({load})",
    "doctor_mend_unit": "there: systemctl list-units --type=service; then mend `unit:` in the config",
    "doctor_no_systemd": "{service}: the config names the unit {unit}, and there is no systemd",
    "doctor_no_process": "{service}: no process has `{process}` in its command line",
    "doctor_mend_process": "there: ps axww -o pid,args; then mend `process:` in the config, or start the service",
    # the bot itself
    "doctor_fleet": "{reached} of {hosts} hosts were reached in their last round",
    "doctor_hosts": "hosts: {hosts}, services: {services}",
    "doctor_no_hosts": "no host is watched",
    "doctor_mend_hosts": "write `hosts:` or `inventories:` into the config",
    "doctor_as_written": "{text}",
    "doctor_operators": "operators: {count}",
    "doctor_no_operators": "nobody may restart or silence",
    "doctor_mend_operators": "in the config: access: {{operators: [U024BE7LH]}}",
    "doctor_oncall": "on call: {count}",
    "doctor_no_oncall": "alerts mention nobody",
    "doctor_mend_oncall": "in the config: oncall: {{default: {{users: [U024BE7LH]}}}}",
    "doctor_duty": "the calendar is read; events that go on now: {count}",
    "doctor_duty_nobody": "no event of the calendar goes on now, so it calls nobody",
    "doctor_duty_unread": "the calendar cannot be read: {reason}",
    "doctor_mend_duty": "look at oncall.{team}.ical in the config, and at the calendar itself",
    "doctor_page": "alerts page by {paths}",
    "doctor_no_page": "alerts page nobody, and Slack alone wakes nobody",
    "doctor_mend_page": "in the config: page: {{pagerduty: true}}, or {{webhook: URL}}, or {{smtp: [ana@example.org]}}",
    "doctor_deadman": "while rounds are committed, {url} is asked for",
    "doctor_no_deadman": "nobody hears it when the bot itself dies",
    "doctor_mend_deadman": 'in the config: deadman: {{url: "https://example.org/ping/…"}}',
    # Slack
    "doctor_slack_team": "the token is {bot} of {team}",
    "doctor_slack_scopes": "all {count} scopes of the manifest are granted",
    "doctor_slack_scopes_missing": "scopes are missing: {scopes}",
    "doctor_mend_scopes": "paste `hangbot manifest` into the app's manifest, and install it again",
    "doctor_slack_channel": "it is in {channel}",
    "doctor_slack_socket": "Socket Mode gives an address",
    "doctor_slack_http": "HTTP mode: Slack calls /slack/events, which only Slack can try",
}


def sentence(said: Clue) -> str:
    facts = dict(said.facts)
    if said.code == "doctor_not_reached":
        facts["outcome"] = OUTCOMES[ProbeOutcome(str(facts["outcome"]))]
    return SENTENCES[said.code].format(**facts)


def message(found: Sequence[Checkup]) -> Message:
    """Return checkups in words, faults with what to type."""
    faults = [f"{one.subject}: {sentence(check.said)}" for one in found for check in _faults(one)]
    subjects = ", ".join(one.subject for one in found[:3]) + (" …" if len(found) > 3 else "")
    headline = "all is well" if not faults else f"{len(faults)} to mend" if len(faults) > 1 else faults[0]
    sections = []
    for one in found:
        sections.append(Context(line=say(bold(one.subject))))
        sections.append(Bullets(lines=tuple(line(check) for check in one.checks)))  # type: ignore[arg-type]
    text = headline if len(faults) == 1 else f"{subjects}: {headline}"
    return Message(
        text=f"{text}.",
        tone=Tone.WARNING if faults else Tone.GOOD,
        title=say(bold(subjects), f": {headline}" if len(faults) != 1 else ": 1 to mend"),
        sections=tuple(sections),
    )


def line(check: Check) -> Line:
    said = say(f"{SIGNS[check.state]} {sentence(check.said)}")
    return said if check.mend is None else (*said, *say(". To mend it: ", code(sentence(check.mend))))


def text(found: Checkup) -> str:
    """Return one checkup for a terminal: a line each, what to type below."""
    rows = [found.subject]
    for check in found.checks:
        rows.append(f"  {SIGNS[check.state]} {sentence(check.said)}")
        if check.mend is not None:
            rows.append(f"      → {sentence(check.mend)}")
    return "\n".join(rows)


def document(found: Sequence[Checkup]) -> dict[str, Any]:
    return {
        "well": all(one.is_well for one in found),
        "checks": [
            {
                "about": one.subject,
                "check": check.name,
                "state": check.state.value,
                "text": sentence(check.said),
                "mend": sentence(check.mend) if check.mend else None,
            }
            for one in found
            for check in one.checks
        ],
    }


def _faults(found: Checkup) -> list[Check]:
    return [check for check in found.checks if check.state is CheckState.FAULT]
