"""`diff` as people read it: what changed, in what order, beside what; and what is said where nothing can be."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat.console import render
from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.changes import Change, ChangeKind, Changes, Wellness
from bot.domain.clues import clue
from bot.domain.differences import Altered, Listing, Since, apart
from bot.domain.invocations import Reply
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target, Transport
from bot.present import changed
from bot.present import differences as words
from tests.clocks import RealClock
from tests.flows.watch.night import Night, night
from tests.handlers.test_looks import Here, ask
from tests.stores import fresh_store

WEB1 = Target(host="web1", service="shop")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    """Two hosts, which are this machine, each with an application of its own."""
    store = fresh_store(tmp_path)
    made = night(store)
    made.clock.at = RealClock().now()
    shop = ServiceSpec(name="shop", process=f"{tmp_path}/{{host}}/app/main.py")
    hosts = {
        name: HostSpec(name=name, services=("shop",) if name != "db1" else (), transport=Transport.LOCAL)
        for name in ("web1", "web2", "web3", "db1")
    }
    fleet = Fleet(hosts=hosts, services={"shop": shop})
    settings = replace(made.services.settings, fleet=fleet)
    made.services = replace(made.services, hosts=Here(), settings=settings)  # type: ignore[arg-type]
    started = []
    for name, retries in (("web1", 0), ("web2", 3)):
        folder = tmp_path / name / "app"
        folder.mkdir(parents=True)
        (folder / "settings.yaml").write_text(f"session:\n  retries: {retries}\n  secret: {name}\n")
        (folder / "main.py").write_text("import time\ntime.sleep(1000)\n")
        (folder / f"{name}.ini").write_text("")
        argv = (sys.executable, f"{folder}/main.py")
        started.append(subprocess.Popen(argv, cwd=folder, env={"PATH": os.environ["PATH"]}))
    (tmp_path / "web1/app/settings.yaml.bak").write_text("session:\n  retries: 3\n  secret: old\n")
    yield made
    for process in started:
        process.kill()
        process.wait()
    store.close()


def said(reply: Reply) -> str:
    assert reply.message is not None
    return render(reply.message)


def test_what_changed_is_told_setting_by_setting(bot: Night) -> None:
    shown = said(ask(bot, "diff web1 shop"))
    assert "What changed for shop on web1 in the last 24 h." in shown
    assert "settings.yaml changed in " in shown
    assert "settings.yaml beside settings.yaml.bak of" in shown
    assert "session.retries  3 → 0" in shown
    assert "session.secret   changed" in shown
    assert "A value is shown only where it cannot be a secret." in shown


@pytest.mark.parametrize(
    "line", ["diff web1 shop web2", "diff web1 web2", "diff web1/shop web2", "diff WEB1 shop with Web2"]
)
def test_two_hosts_are_told_apart(bot: Night, line: str) -> None:
    shown = said(ask(bot, line))
    assert "session.retries  web1 0 · web2 3" in shown
    assert "session.secret   differs" in shown
    assert "/web1/app/web1.ini" in shown.split("Only on web1")[1].splitlines()[0]
    assert "/web2/app/web2.ini" in shown.split("Only on web2")[1].splitlines()[0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("diff", "Which host? /hang diff HOST SERVICE [HOST2]"),
        ("diff web1 shop web1", "web1 beside itself? Name another host"),
        ("diff web1 shop web9", "I know no host web9. Did you mean"),
        ("diff web1 shpo", "Did you mean shop?"),
        ("diff web1 shop db1", "db1"),
        ("diff web1 shop web2 web3", "I do not understand web3 there."),
        ("diff web1 shop pid 1", "I do not understand 1 there."),
        ("diff web3 shop", "I see no shop on web3: neither a unit nor a process of it is there."),
        ("diff web1 shop web3", "I see no shop on web3"),
    ],
)
def test_what_cannot_be_compared_is_said(bot: Night, line: str, says: str) -> None:
    assert says in said(ask(bot, line))


def test_it_is_told_since_when_it_was_well(bot: Night) -> None:
    now = bot.clock.at
    alert = Alert(
        id="alr_1", rule="service_silent", target=WEB1, status=AlertStatus.FIRING, severity=Severity.CRITICAL,
        since=now - timedelta(hours=50), told=True, updated_at=now, last_good_at=now - timedelta(hours=50),
    )  # fmt: skip
    bot.store.commit(alerts=[alert])
    assert "in the last 2 days; it was last seen well 2 days ago" in said(ask(bot, "diff web1 shop"))


# --- words


def since(**more: object) -> Since:
    return replace(Since(changes=Changes(), seconds=86400, running=True), **more)  # type: ignore[arg-type]


def told(found: Since) -> str:
    return render(words.since(found, WEB1, Wellness(), now=NOW))


def test_where_nothing_changed_it_says_where_it_looked() -> None:
    assert "Nothing that I can see. Looked at: the files of its unit" in told(since())


def test_what_is_not_as_its_package_brought_it_is_told() -> None:
    altered = (
        Altered(path="/etc/nginx/nginx.conf", package="nginx", missing=False),
        Altered(path="/etc/x", package="x", missing=True),
    )
    assert "Not as their package brought them: /etc/nginx/nginx.conf (nginx), /etc/x (x, gone)." in told(
        since(altered=altered)
    )


def test_a_service_that_is_down_is_said_to_be(bot: Night) -> None:
    shown = told(since(running=False, gone=("/etc/shop/a",), changes=Changes(not_reloaded=True, restarts=1)))
    assert "shop is not running, so I looked at its unit's files." in shown
    assert "Gone: /etc/shop/a." in shown
    assert "systemctl daemon-reload" in shown
    assert "systemd started it again by itself 1 time." in shown


def test_many_changes_are_cut_and_counted() -> None:
    found = tuple(
        Change(kind=ChangeKind.CONFIG, name=f"/etc/shop/{number}.yaml", at=NOW - timedelta(hours=number + 1))
        for number in range(20)
    )
    shown = told(since(changes=Changes(found=found)))
    assert "0.yaml changed in /etc/shop, 1 h ago." in shown
    assert "And 8 more changes." in shown


def test_a_diagnosis_says_what_to_type_to_see_more() -> None:
    facts = {"ago_s": 10800, "kind": "config", "name": "/etc/shop/settings.yaml", "before": "", "after": "", "owner": "", "count": 1,
             "at": NOW.isoformat()}  # fmt: skip
    one = clue("changed_before", **facts, diff="/hang diff web1 shop")  # type: ignore[arg-type]
    assert (
        changed.sentence(one)
        == "settings.yaml changed 3 h before it stopped being well. More: /hang diff web1 shop."
    )
    assert changed.sentence(clue("changed_before", **facts, diff="")).endswith("being well.")  # type: ignore[arg-type]


def test_a_host_that_falls_silent_between_two_questions_is_said_to(bot: Night) -> None:
    listing = Listing(home="/srv/shop", running=True, files={"@home/a.yaml": "1"})
    other = replace(listing, files={"@home/a.yaml": "2"})
    shown = render(words.beside(apart(listing, other), None, WEB1, "web2", here=listing, there=other))
    assert "Other content: /srv/shop/a.yaml." in shown
    assert "The settings in them I could not ask for any more." in shown
