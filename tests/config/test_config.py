"""The config: what it means, and that each mistake is named with its line, its key and a remedy."""

import re
from datetime import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import config
from bot.config.secrets import secret
from bot.domain.alerts import Severity
from bot.domain.errors import ConfigFault
from bot.domain.rule import Telling
from bot.domain.settings import ReviewPolicy, Settings, Upload
from bot.domain.targets import Target, Transport

FULL = Path(__file__).with_name("full.yaml")
GOOD = """slack: {channel: "#ops"}
hosts:
  web1: {address: 10.0.0.11, services: [shop]}
services:
  shop: {unit: shop.service, http: {url: "http://127.0.0.1:8000/health"}}
"""


def load(tmp_path: Path, text: str | bytes, **environ: str) -> Settings:
    file = tmp_path / "hangbot.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return config.load(file, environ=environ)


def test_the_full_example_is_understood_and_warns_only_of_what_is_not_used_yet() -> None:
    read = config.load(FULL, environ={})
    assert read.channel == "#ops"
    assert read.fleet.hosts["web1"].address == "10.0.0.11"
    assert read.fleet.hosts["here"].transport is Transport.LOCAL
    assert read.fleet.services["shop"].http is not None
    assert read.inspect.upload is Upload.ASK
    assert read.oncall() == ("U024BE7LH",)
    assert read.oncall("pay") == ("S0614TZR7",)
    assert {warning.partition("`")[2].partition("`")[0] for warning in read.warnings} == {
        "access.rules", "calendar.caldav", "runbooks", "~/.ssh/config", "inventory.ini", "targets.json",
    }  # fmt: skip
    assert all("is not used yet" in one or "there is no file" in one for one in read.warnings)
    assert "shop_slow" in config.describe(read)


def test_paths_are_from_the_configs_own_folder(tmp_path: Path) -> None:
    read = load(tmp_path, GOOD + "ssh: {key_file: keys/id}\n")
    assert read.database == f"sqlite:///{tmp_path}/hangbot.db"
    assert read.fleet.hosts["web1"].key_file == f"{tmp_path}/keys/id"
    assert read.fleet.hosts["web1"].known_hosts == f"{tmp_path}/known_hosts"


def test_a_host_has_its_name_for_address_and_its_own_words_before_the_defaults(tmp_path: Path) -> None:
    read = load(
        tmp_path, "ssh: {user: bot, sudo: false}\nhosts: {web1: {user: ops, connect_timeout: 2s}, web2: {}}\n"
    )
    web1, web2 = read.fleet.hosts["web1"], read.fleet.hosts["web2"]
    assert (web1.address, web1.user, web1.connect_timeout_s, web1.sudo) == ("web1", "ops", 2.0, False)
    assert (web2.user, web2.connect_timeout_s) == ("bot", 5.0)


def test_probes_can_be_off(tmp_path: Path) -> None:
    assert not load(tmp_path, GOOD + "probes: off\n").probes.enabled


def test_a_service_is_filled_in_for_its_host(tmp_path: Path) -> None:
    text = """
hosts: {web1: {address: 10.0.0.11, services: [shop]}}
services: {shop: {process: "/{host}/shop", restart: ["/srv/{host}/restart"], http: {url: "http://{address}:80/"}}}
"""
    fleet = load(tmp_path, text).fleet
    shop = fleet.services_on(fleet.hosts["web1"])[0]
    assert (shop.process, shop.restart) == ("/web1/shop", ("/srv/web1/restart",))
    assert shop.http is not None
    assert shop.http.url == "http://10.0.0.11:80/"


BROKEN = [
    # text, line, key, what the message says
    ("", 1, "", "empty"),
    ("- a\n", 1, "", "no mapping"),
    ("hosts: [\n", 2, "", "not YAML"),
    ("hosts:\n\tweb1: {}\n", 2, "", "tabs"),
    ("slack: {channel: a}\nslack: {channel: b}\n", 2, "slack", "twice"),
    ("hosts:\n  web1: {}\n  web1: {}\n", 3, "hosts.web1", "twice"),
    ("x: !!python/object/apply:os.system [id]\n", 1, "x", "tag"),
    ("timezone: !!python/name:os.system x\n", 1, "timezone", "tag"),
    ("hots: {}\n", 1, "hots", "did you mean `hosts`"),
    ("hosts:\n  web1:\n    adress: 10.0.0.1\n", 3, "hosts.web1.adress", "did you mean `address`"),
    ("slack: {chanel: x}\n", 1, "slack.chanel", "did you mean `channel`"),
    ("hosts:\n  web1: {port: 70000}\n", 2, "hosts.web1.port", "65535"),
    ("hosts:\n  web1: {port: ssh}\n", 2, "hosts.web1.port", "whole number"),
    ("hosts:\n  web1: {transport: telnet}\n", 2, "hosts.web1.transport", "'ssh' or 'local'"),
    ("hosts:\n  'web 1': {}\n", 2, "hosts.web 1", "no name"),
    ("hosts:\n  -oProxyCommand=x: {}\n", 2, "hosts.-oProxyCommand=x", "no name"),
    ("hosts: web1\n", 1, "hosts", "keys below it"),
    ("hosts:\n  web1: {services: [shp]}\nservices:\n  shop: {unit: a}\n", 2, "hosts.web1.services[0]", "`shop`"),
    ("hosts:\n  web1: {services: [shop]}\n", 2, "hosts.web1.services[0]", "no services here"),
    ("services:\n  shop: {}\n", 2, "services.shop", "`unit:`"),
    ("services:\n  shop: {restart: systemctl restart shop, unit: a}\n", 2, "services.shop.restart", "write a list"),
    ("services:\n  shop: {http: {url: 127.0.0.1:80}}\n", 2, "services.shop.http.url", "http://"),
    ("services:\n  shop: {http: {url: 'ftp://x/'}}\n", 2, "services.shop.http.url", "http://"),
    ("services:\n  shop: {http: {url: 'http://u:p@x/'}}\n", 2, "services.shop.http.url", "secret"),
    ("services:\n  shop: {http: {timeout: 3s}}\n", 2, "services.shop.http", "`url` is missing"),
    ("services:\n  shop: {unit: a, start_grace: 60}\n", 2, "services.shop.start_grace", "30s, 5m"),
    ("services:\n  shop: {unit: a, start_grace: soon}\n", 2, "services.shop.start_grace", "30s, 5m"),
    ("ssh: {sudo: perhaps}\n", 1, "ssh.sudo", "true or false"),
    ("ssh: {connect_timeout: -5s}\n", 1, "ssh.connect_timeout", "30s, 5m"),
    ("probes: {interval: 0s}\n", 1, "probes.interval", "between 1s and 1d"),
    ("probes: {interval: 2d}\n", 1, "probes.interval", "between 1s and 1d"),
    ("probes: {jitter: 150%}\n", 1, "probes.jitter", "10%"),
    ("probes: {jitter: 0.1}\n", 1, "probes.jitter", "10%"),
    ("probes: {intervall: 5s}\n", 1, "probes.intervall", "did you mean `interval`"),
    ("timezone: Berlin\n", 1, "timezone", "Europe/Berlin"),
    ("timezone: ../../etc/passwd\n", 1, "timezone", "Europe/Berlin"),
    ("slack:\n  channel: '#ops'\n  bot_token: xoxb-1\n", 3, "slack.bot_token", "secret"),
    ("calendar: {smtp: {password: hunter2}}\n", 1, "calendar.smtp.password", "secret"),
    ("database: postgresql://bot:hunter2@db/hangbot\n", 1, "database", "HANGBOT_DATABASE_URL"),
    ("database: mysql://x/y\n", 1, "database", "sqlite:///"),
    ("database: hangbot.db\n", 1, "database", "sqlite:///"),
    ("access: {operators: [ana]}\n", 1, "access.operators[0]", "Slack id"),
    ("access: {evidence: everyone}\n", 1, "access.evidence", "'channel'"),
    ("oncall: {default: {users: ['@ana']}}\n", 1, "oncall.default.users[0]", "U024BE7LH"),
    ("inspect: {upload: always}\n", 1, "inspect.upload", "'never'"),
    ("inspect: {max_parallel: 0}\n", 1, "inspect.max_parallel", "at least 1"),
    ("rules:\n  - {when: load1 > 3}\n", 2, "rules[0]", "`alert` is missing"),
    ("rules:\n  - {alert: load_hihg, for: 3m}\n", 2, "rules[0].alert", "load_high"),
    ("rules:\n  - {alert: mine, when: load11 > 3}\n", 2, "rules[0].when", "load1"),
    ("rules:\n  - {alert: mine, when: load1 >}\n", 2, "rules[0].when", "character"),
    ("rules:\n  - {alert: mine, when: load1 > 8, until: load1 <}\n", 2, "rules[0].until", "character"),
    ("rules:\n  - {alert: service_silent, until: load1 < 3}\n", 2, "rules[0].until", "more than numbers"),
    ("rules:\n  - {alert: mine, when: load1 > 8, keep_firing: soon}\n", 2, "rules[0].keep_firing", "5m"),
    ("rules:\n  - {alert: mine, when: __import__('os')}\n", 2, "rules[0].when", "character"),
    ("rules:\n  - {alert: mine, when: load1 > 1, severity: fatal}\n", 2, "rules[0].severity", "'critical'"),
    ("rules:\n  - {alert: mine, when: load1 > 1, told: [email]}\n", 2, "rules[0].told[0]", "'post'"),
    ("rules:\n  - {alert: service_silent, service: shp, for: 5s}\n", 2, "rules[0].service", "no service `shp`"),
    ("rules:\n  - {alert: mine, when: load1 > 1, host: web9}\n", 2, "rules[0].host", "no host `web9`"),
    ("rules: {alert: x}\n", 1, "rules", "list"),
    ("a: &a [x]\nb: *c\n", 2, "", "not YAML"),
    ("hosts: &h\n  web1: {labels: *h}\n", 1, "hosts.web1.labels", "alias stands inside"),
    ("\n# only a comment\n", 1, "", "no mapping"),
    ("slack: {}\n---\nslack: {}\n", 2, "", "one document"),
    ("slack:\n  channel: #ops\n", 2, "slack.channel", 'needs quotes: "#ops"'),
    ("slack: {channel: #ops}\n", 2, "", 'needs quotes: "#ops"'),
    ("slack:\n", 1, "slack", "slack: {}"),
    ("hosts:\n  web1:\n", 2, "hosts.web1", "web1: {}"),
    ("rules:\n", 1, "rules", "a list"),
    ("slack: ops\n", 1, "slack", "channel, mode"),
    ("slack: {channel: 5}\n", 1, "slack.channel", 'put it in quotes: "5"'),
    ("slack: {channel: '@ana'}\n", 1, "slack.channel", "C024BE91L"),
    ("slack: {mode: https}\n", 1, "slack.mode", "'socket' or 'http'"),
    ("slack: {channel: xoxb-12-34}\n", 1, "slack.channel", "secret"),
    ("SLACK_BOT_TOKEN: x\n", 1, "SLACK_BOT_TOKEN", "secret"),
    ("a: 'x\n", 2, "", "quotes and brackets must close"),
    ("hosts:\n  a: {}\n b: {}\n", 3, "", "indent"),
    ("timezone: a\x07\n", 1, "", "U+0007"),
    ("slack: {}\nhosts: " + "[" * 3000 + "\n", 1, "", "too deep"),
    ("x: *nope\n", 1, "", "before it is used"),
    ("timezone: {{ tz }}\n", 1, "timezone", "quotes"),
    ("hosts: {w: {port: !!int x}}\n", 1, "hosts.w.port", "no value of its kind"),
    ("hosts: !!set {a, b}\n", 1, "hosts", "tag"),
    ("services: !!python/dict {}\n", 1, "services", "tag"),
    ("hosts:\n  a: &a {port: 1}\n  b: {<<: *a}\n", 3, "hosts.b.<<", "write the keys out"),
    ("timezone: 2026-01-01\n", 1, "timezone", "read as a date"),
    ("hosts: {web1: {}, Web1: {}}\n", 1, "hosts.Web1", "case alone"),
    ("hosts: {w: {port: true}}\n", 1, "hosts.w.port", "whole number"),
    ("hosts: {w: {address: '-oProxyCommand=x'}}\n", 1, "hosts.w.address", "no single word"),
    ("hosts: {w: {address: 'a b'}}\n", 1, "hosts.w.address", "no single word"),
    ("hosts: {w: {address: \"a\\nb\"}}\n", 1, "hosts.w.address", "line breaks"),
    ("hosts: {w: {address: 'ops@10.0.0.1'}}\n", 1, "hosts.w.address", "user:"),
    ("hosts: {w: {address: '10.0.0.1:22'}}\n", 1, "hosts.w.address", "port: 22"),
    ("hosts: {w: {address: '[::1]'}}\n", 1, "hosts.w.address", "brackets"),
    ("hosts: {w: {user: ''}}\n", 1, "hosts.w.user", "says nothing"),
    ("hosts: {w: {labels: {a: 1}}}\n", 1, "hosts.w.labels.a", 'quotes: "1"'),
    ("hosts: {w: {services: shop}}\n", 1, "hosts.w.services", "write [shop]"),
    ("services: {s: {unit: a}}\nhosts: {w: {services: [s, s]}}\n", 2, "hosts.w.services[1]", "twice"),
    ("ssh: {connect_timeout: 0s}\n", 1, "ssh.connect_timeout", "between 100ms and 5m"),
    ("ssh: {command_timeout: 2d}\n", 1, "ssh.command_timeout", "between 1s and 1h"),
    ("ssh: {key_file: '~nobody-here/id'}\nhosts: {w: {}}\n", 1, "ssh.key_file", "home"),
    ("ssh: {passphrase: x}\n", 1, "ssh.passphrase", "secret"),
    ("services: {s: {unit: '-x'}}\n", 1, "services.s.unit", "no single word"),
    ("services: {s: {unit: a, restart: []}}\n", 1, "services.s.restart", "names no program"),
    ("services: {s: {http: 'http://x/'}}\n", 1, "services.s.http", "url, timeout"),
    ("services: {s: {http: {url: 'http://x:99999/'}}}\n", 1, "services.s.http.url", "port"),
    ("services: {s: {http: {url: 'http://:80/'}}}\n", 1, "services.s.http.url", "http://"),
    ("services: {s: {http: {url: 'http://a b/'}}}\n", 1, "services.s.http.url", "http://"),
    ("services: {s: {http: {url: 'http://{hots}/'}}}\n", 1, "services.s.http.url", "{host}"),
    ("services: {s: {http: {url: 'http://x/', timeout: 0s}}}\n", 1, "services.s.http.timeout", "100ms"),
    ("services: {s: {unit: a, front: {ulr: x}}}\n", 1, "services.s.front", "`url` is missing"),
    ("probes: 30s\n", 1, "probes", "{interval: 30s}"),
    ("probes: on\n", 1, "probes", "`off`"),
    ("probes: {interval: 9999999999s}\n", 1, "probes.interval", "no duration"),
    ("rules: [{alert: mine, when: 'load1 > 1', told: []}]\n", 1, "rules[0].told", "[status]"),
    ("rules: [{alert: mine, when: ''}]\n", 1, "rules[0].when", "says nothing"),
    ("oncall: {default: {users: [S0614TZR7]}}\n", 1, "oncall.default.users[0]", "usergroup:"),
    ("oncall: {default: {usergroup: U024BE7LH}}\n", 1, "oncall.default.usergroup", "users:"),
    ("database: 'sqlite:///:memory:'\n", 1, "database", "memory alone"),
    ("database: sqlite:///\n", 1, "database", "names no file"),
    ("database: 'postgresql://h/d?password=x'\n", 1, "database", "HANGBOT_DATABASE_URL"),
    ("calendar: {caldav: {url: 'https://u:p@cal/'}}\n", 1, "calendar.caldav.url", "secret"),
    ("page: {pagerdty: true}\n", 1, "page.pagerdty", "did you mean `pagerduty`"),
    ("page: {pagerduty: R0UTING}\n", 1, "page.pagerduty", "true or false"),
    ("review: {within: soon}\n", 1, "review.within", "30s, 5m"),
    ("review: {minutes: 3}\n", 1, "review.minutes", "at least 5"),
    ("review: {working_hours: nine to five}\n", 1, "review.working_hours", "09:00-17:00"),
    ("review: {working_hours: '17:00-09:00'}\n", 1, "review.working_hours", "ends before it begins"),
    ("review: {working_hours: '09:00-17:60'}\n", 1, "review.working_hours", "no clock shows"),
    ("review: {days: mon-fry}\n", 1, "review.days", "mon-fri"),
    ("review: {days: []}\n", 1, "review.days", "mon-fri"),
    ("review: {remind: [soon]}\n", 1, "review.remind[0]", "30s, 5m"),
    ("review: {remnd: [1d]}\n", 1, "review.remnd", "did you mean `remind`"),
    ("calendar: {ics: maybe}\n", 1, "calendar.ics", "true or false"),
    ("notify: {critcal: [page]}\n", 1, "notify.critcal", "did you mean `critical`"),
    ("escalate: [{aftr: 5m, to: oncall}]\n", 1, "escalate[0]", "`after` is missing"),
    ("inventories: [{ansibel: x}]\n", 1, "inventories[0].ansibel", "did you mean `ansible`"),
    ("runbooks: {c: {command: rm -rf /}}\n", 1, "runbooks.c.command", "write a list"),
    ("access: {approve: {restart: -1}}\n", 1, "access.approve.restart", "at least 1"),
    ("\"a\\nb\": 1\n", 1, "a\\nb", "no key"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "said"), BROKEN)
def test_a_mistake_is_named_with_its_line_its_key_and_a_remedy(
    tmp_path: Path, text: str, line: int, key: str, said: str
) -> None:
    with pytest.raises(ConfigFault) as caught:
        load(tmp_path, text)
    fault = caught.value
    assert (fault.line, fault.key) == (line, key)
    assert said.lower() in str(fault).lower()
    assert fault.remedy
    assert "\n" not in str(fault)
    assert not re.search(r"pydantic|instance of|NoneType|\bNone\b|Traceback", str(fault))
    assert str(fault).startswith(f"{tmp_path}/hangbot.yaml:{line}: ")


def test_no_secret_is_repeated_in_the_message(tmp_path: Path) -> None:
    for text in ("slack: {bot_token: xoxb-1-SECRET}", "database: postgresql://bot:SECRET@db/x"):
        with pytest.raises(ConfigFault) as caught:
            load(tmp_path, text)
        assert "SECRET" not in str(caught.value)


def test_a_secret_under_a_name_that_people_chose_is_a_name(tmp_path: Path) -> None:
    read = load(tmp_path, "services: {token: {unit: a}}\nhosts: {secret: {services: [token]}}\n")
    assert list(read.fleet.hosts) == ["secret"]


def test_marks_of_other_systems_editors_do_not_matter(tmp_path: Path) -> None:
    read = load(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read.channel == "#ops"
    with pytest.raises(ConfigFault, match=r":3: `hosts\.web1\.prot`"):
        load(tmp_path, b"slack: {}\r\nhosts:\r\n  web1: {prot: 22}\r\n")


def test_every_built_in_rule_can_be_changed(tmp_path: Path) -> None:
    read = load(
        tmp_path, GOOD + "rules:\n  - {alert: service_degraded, for: 5m}\n  - {alert: load_high, for: 1m}\n"
    )
    assert read.warnings == ()
    assert {one.name: one.for_s for one in read.rules if one.name in ("service_degraded", "load_high")} == {
        "service_degraded": 300,
        "load_high": 60,
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"2-4"', "except 02:00-04:00"),
        ('"23:30-04:00"', "except 23:30-04:00"),
        ('["02:00-03:00", "12:00-12:30"]', "except 02:00-03:00, except 12:00-12:30"),
    ],
)
def test_the_hours_in_which_a_rule_is_not_judged(tmp_path: Path, written: str, said: str) -> None:
    text = f"{GOOD}rules:\n  - {{alert: load_high, except: {written}, of: 3 of 5, shadow: true, match: {{role: db}}}}\n"
    shown = config.describe(load(tmp_path, text))
    assert said in shown
    assert "load_high where role=db" in shown
    assert "3 of the last 5 rounds" in shown
    assert "in shadow" in shown


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('except: "25:00-26:00"', "names a time that no clock shows"),
        ('except: "nightly"', "is no span of hours"),
        ('except: "02:00-02:00"', "is no span at all"),
        ("of: 5 of 3", "3 of 5"),
        ("of: half", "3 of 5"),
        ("attempts: 0", "at least 1"),
        ("shadow: perhaps", "shadow"),
        ("when: unusual(laod1)", "did you mean load1"),
    ],
)
def test_a_mistake_in_a_rule_is_named(tmp_path: Path, key: str, said: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        load(tmp_path, f"{GOOD}rules:\n  - {{alert: load_high, {key}}}\n")
    assert said.lower() in str(caught.value).lower()


PEOPLE = """slack: {channel: "#ops"}
hosts: {web1: {labels: {team: pay}, services: [shop]}}
services: {shop: {unit: shop.service}}
oncall: {default: {users: [U024BE7LH]}, pay: {usergroup: S0614TZR7}}
routes:
  - {match: {team: pay}, channel: "#pay-ops", oncall: pay}
notify: {critical: [mention, page], warning: [mention]}
calendar: {smtp: {host: mail.example.org}}
page: {pagerduty: true, webhook: "https://example.org/hook", smtp: [ops@example.org]}
escalate: [{after: 10m, to: oncall}, {after: 20m, to: pagerduty}]
deadman: {url: "https://example.org/ping/1"}
heartbeats: {backup: {every: 1d, grace: 1h, host: web1}}
"""


def test_who_is_told_is_understood_and_described(tmp_path: Path) -> None:
    read = load(tmp_path, PEOPLE)
    assert read.warnings == () or all("calendar.smtp" not in one for one in read.warnings)
    way = read.way(Target(host="web1", service="shop"), rule="x", severity=Severity.WARNING)
    assert (way.channel, way.oncall) == ("#pay-ops", "pay")
    assert read.channels == ("#ops", "#pay-ops")
    assert read.notify[Severity.INFO] == (Telling.STATUS,)
    assert [path.value for path in read.paging.paths] == ["pagerduty", "webhook", "smtp"]
    assert [(one.after_s, one.to) for one in read.escalate] == [(600, "oncall"), (1200, "page")]
    shown = config.describe(read)
    for line in (
        "on call    pay: S0614TZR7",
        "route      team pay: to #pay-ops, on call pay",
        "page       PagerDuty, https://example.org/hook, mail to ops@example.org",
        "escalate   unacknowledged for 10m: oncall",
        "deadman    https://example.org/ping/1 every 1m",
        "heartbeat  backup on web1: every 1d, 1h of grace; POST /heartbeat/backup",
    ):
        assert line in shown


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("oncall: pay}", "oncall: play}", 6, "pay"),
        ('channel: "#pay-ops", oncall: pay', "", 6, "add `channel:` or `oncall:`"),
        ('channel: "#pay-ops"', 'channel: "page:smtp"', 6, "is no channel"),
        ("calendar: {smtp: {host: mail.example.org}}", "", 9, "calendar: {smtp:"),
        ("to: oncall}", "to: ana}", 10, "oncall, page, or a Slack id"),
        ("after: 10m", "after: 10", 10, "unit"),
        ("warning: [mention]", "warning: []", 7, "[status]"),
        ("warning: [mention]", "warning: [shout]", 7, "shout"),
        ("smtp: [ops@example.org]", "smtp: [ops]", 9, "name@example.org"),
        ("https://example.org/ping/1", "example.org/ping", 11, "http"),
        ("host: web1}}", "host: wbe1}}", 12, "web1"),
        ("every: 1d,", "", 12, "`every` is missing"),
        ("users: [U024BE7LH]", "ical: calendar", 4, "http"),
    ],
)
def test_a_mistake_in_who_is_told_is_named(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    assert before in PEOPLE
    with pytest.raises(ConfigFault) as caught:
        load(tmp_path, PEOPLE.replace(before, after))
    assert caught.value.line == line
    assert said.lower() in str(caught.value).lower()


def test_a_database_address_from_the_environment_is_checked_and_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="HANGBOT_DATABASE_URL") as caught:
        load(tmp_path, GOOD, HANGBOT_DATABASE_URL="mysql://bot:hunter2@db/x")
    assert "hunter2" not in str(caught.value)
    whole = "postgresql+psycopg://bot:hunter2@db/x"
    assert load(tmp_path, GOOD, HANGBOT_DATABASE_URL=whole).database == whole


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="no file"):
        config.load(tmp_path, environ={})


def test_a_file_that_is_missing_or_not_utf_8_or_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="no such file"):
        config.load(tmp_path / "none.yaml", environ={})
    with pytest.raises(ConfigFault, match="UTF-8"):
        load(tmp_path, b"slack: {channel: '\xff\xfe'}\n")
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(ConfigFault, match="50,000"):
        load(tmp_path, bomb)


def test_the_config_is_searched_in_the_stated_order(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="no config"):
        config.find_config(None, environ={}, cwd=tmp_path)
    (tmp_path / "hangbot.yaml").touch()
    assert config.find_config(None, environ={}, cwd=tmp_path).name == "hangbot.yaml"
    assert (
        config.find_config(None, environ={"HANGBOT_CONFIG": "other.yaml"}, cwd=tmp_path).name == "other.yaml"
    )
    named = config.find_config(Path("mine.yaml"), environ={"HANGBOT_CONFIG": "other.yaml"}, cwd=tmp_path)
    assert named.name == "mine.yaml"


def test_a_database_with_its_password_comes_whole_from_the_environment(tmp_path: Path) -> None:
    url = "sqlite:////srv/other.db"
    assert load(tmp_path, GOOD, HANGBOT_DATABASE_URL=url).database == url


def test_when_people_meet_is_read_and_shown(tmp_path: Path) -> None:
    written = "review: {within: 2d, minutes: 30, working_hours: 8-16:30, days: sun-thu, remind: [2h, 5m]}\n"
    read = load(tmp_path, GOOD + written + "calendar: {ics: false}\n")
    assert read.review == ReviewPolicy(
        within_s=2 * 86400.0,
        minutes=30,
        opens=time(8),
        closes=time(16, 30),
        days=frozenset({6, 0, 1, 2, 3}),
        remind_s=(7200.0, 300.0),
        ics=False,
    )
    assert "30 min within 2d, 08:00-16:30" in config.describe(read)
    assert not read.warnings


def test_without_a_word_about_reviews_they_are_as_the_documents_say(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).review == ReviewPolicy()
    assert load(tmp_path, GOOD + "review: {remind: off}\n").review.remind_s == ()
    assert load(tmp_path, GOOD + "review: {days: [tue, Friday]}\n").review.days == {1, 4}


def test_a_secret_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-1\n")
    file.chmod(0o644)
    with pytest.raises(ConfigFault, match="chmod 600"):
        secret("SLACK_BOT_TOKEN", {"SLACK_BOT_TOKEN_FILE": str(file)})
    file.chmod(0o600)
    assert secret("SLACK_BOT_TOKEN", {"SLACK_BOT_TOKEN_FILE": str(file)}) == "xoxb-1"
    assert secret("SLACK_BOT_TOKEN", {"SLACK_BOT_TOKEN": "xoxb-2"}) == "xoxb-2"
    assert secret("SLACK_BOT_TOKEN", {}) is None


KEYS = st.sampled_from(
    ["slack", "hosts", "web1", "services", "shop", "http", "url", "rules", "alert", "when", "probes", "x"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.floats() | st.dates()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(KEYS, VALUES, max_size=5))
def test_whatever_the_file_says_it_is_read_or_refused_in_words(
    tmp_path: Path, value: dict[str, object]
) -> None:
    try:
        load(tmp_path, yaml.safe_dump(value))
    except ConfigFault:
        return  # any other error fails this test
