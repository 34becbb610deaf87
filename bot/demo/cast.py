"""Who and what plays in the demo: people, hosts, the config they have."""

import json
from pathlib import Path

ADDRESS = {"demo1": "127.0.0.11", "demo2": "127.0.0.12"}
HANGS = "demo1"
CHANNEL = "C0OPS"
ANA, BEN, EVE = "U0ANA", "U0BEN", "U0EVE"


def workspace(hang: str) -> dict[str, object]:
    """Return the chat workspace as the sandbox reads it; `hang` is the line that makes the shop hang again."""
    people = (
        (ANA, "ana", "Europe/Berlin", "on call"),
        (BEN, "ben", "America/New_York", ""),
        (EVE, "eve", "Europe/Berlin", "may look"),
    )
    completions = (
        ("/hang inspect demo1", "evidence and diagnosis, about 3 s"),
        ("/hang restart demo1 shop", "evidence first, then it asks you"),
        ("/hang status", "the fleet at a glance"),
        ("/hang status demo1", "one host at a glance"),
        ("/hang incident open", "with a timeline that fills itself"),
        ("/hang note", "a line in the incident's timeline"),
        ("/hang timeline", "what happened, line by line"),
        ("/hang incident resolve", "it is over"),
        ("/hang report", "the postmortem, as a file"),
        ("/hang review tomorrow 10:00 for 45m with @ben", "books the meeting, once you say yes"),
        ("/hang probe demo1", "one round now"),
        ("/hang hosts", "what is watched"),
        ("/hang alerts", "what fires, what is silenced"),
        ("/hang ack demo1", "you look after it"),
        ("/hang silence demo1/shop 30m", "judged, but not told"),
        ("/hang unsilence", "tells again"),
        ("/hang help", "all I can do"),
    )
    return {
        "title": "hangbot sandbox",
        "channels": [{"id": CHANNEL, "name": "ops", "members": [person[1] for person in people]}],
        "users": [
            {"id": key, "name": name, "real_name": name.title(), "tz": tz, "note": note}
            for key, name, tz, note in people
        ],
        "commands": [
            {"command": "/hang", "completions": [{"text": text, "note": note} for text, note in completions]}
        ],
        "hang": f"Make the shop on {HANGS} hang again: {hang}",
    }


def config_text(ports: dict[str, int], shop_port: int, folder: Path, *, login: str, beside: str) -> str:
    """Return the demo's hangbot.yaml; `login` is the hosts' account, `beside` a command line that uses this file."""
    hosts = "".join(
        f'  {host}: {{address: {address}, port: {ports[host]}, labels: {{demo: "yes"}}, services: [shop]}}\n'
        for host, address in ADDRESS.items()
    )
    return f"""# Written by `hangbot demo`. Every other command works beside it: {beside}
slack:
  channel: "#ops"
database: sqlite:///hangbot.db
timezone: Europe/Berlin
ssh:
  user: {_text(login)}
  key_file: keys/id_ed25519
  known_hosts: known_hosts
  sudo: false
hosts:
{hosts}  here: {{transport: local}}
services:
  shop:
    process: {_text(f"{folder}/{{host}}/shop.py")}
    restart: [{_text(f"{folder}/{{host}}/restart")}]
    http: {{url: "http://{{address}}:{shop_port}/health", timeout: 1s}}
    start_grace: 5s
probes: {{interval: 2s, retry: 1s}}
rules:
  - {{alert: service_silent, service: shop, for: 3s}}
inspect: {{auto: true, upload: auto, cooldown: 30s}}
oncall:
  default: {{users: [{ANA}]}}
access:
  operators: [{ANA}, {BEN}]
"""


def _text(value: str) -> str:
    """Return a text as YAML's double quotes have it."""
    return json.dumps(value, ensure_ascii=False)
