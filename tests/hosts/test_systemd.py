"""Restarts on a host with a real systemd, over a real sshd, past a cable that can be cut."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import remedies
from bot.domain.actions import Action, ActionStatus
from bot.domain.settings import AccessPolicy, InspectPolicy, Settings, Upload
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec
from bot.hosts import open_hosts
from bot.ports import Services
from tests.clocks import QuietTelemetry
from tests.flows.remediate.programs import Victim, until
from tests.flows.remediate.stage import ANA, BEN, FastClock, Stage, shown
from tests.flows.watch.night import CountedIds, NoChat
from tests.stores import fresh_store
from tests.systemd import Machine, running_host

pytestmark = [pytest.mark.systemd, pytest.mark.root, pytest.mark.timeout(400)]

APP = """
import http.server, os, pathlib, signal, sys, threading, time
here = pathlib.Path("/run/app")
here.mkdir(exist_ok=True)
lock = threading.Lock()
(here / "runs").open("a").write("start\\n")

def stuck():
    with lock:
        while True:
            time.sleep(1)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with lock:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *args):
        pass

def hang(*_):
    threading.Thread(target=stuck, name="stuck", daemon=True).start()

def slowly(*_):
    time.sleep(float((here / "stops_after").read_text()))
    os._exit(0)

signal.signal(signal.SIGUSR1, hang)
if (here / "stops_after").exists():
    signal.signal(signal.SIGTERM, slowly)
if (here / "dies_after").exists():
    threading.Timer(float((here / "dies_after").read_text()), lambda: os._exit(1)).start()
http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""
UNIT = "[Service]\nExecStart=/usr/bin/python3 /opt/app.py\nStandardOutput=null\nStandardError=null\n"
SHOP = ServiceSpec(
    name="shop",
    unit="app.service",
    http=HttpCheck(url="http://127.0.0.1:8080/", timeout_s=2.0),
    start_grace_s=5.0,
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_host(tmp_path_factory.mktemp("systemd")) as running:
        running.write("/opt/app.py", APP)
        yield running


@pytest.fixture
def app(machine: Machine) -> Machine:
    """The host with a fresh app.service that answers."""
    machine.heal()
    machine.do("systemctl", "unmask", "app.service", check=False)
    machine.do("systemctl", "stop", "app.service", check=False)
    machine.do("rm", "-rf", "/run/app")
    machine.unit("app", UNIT)
    machine.do("systemctl", "reset-failed", check=False)
    machine.do("systemctl", "start", "app.service")
    until(lambda: answers(machine))
    return machine


def answers(machine: Machine) -> bool:
    code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/', timeout=1).status)"
    return machine.do("python3", "-c", code, check=False).strip() == "200"


def tell(machine: Machine, name: str, value: str) -> None:
    machine.write(f"/run/app/{name}", value)


def starts(machine: Machine) -> int:
    return len(machine.do("cat", "/run/app/runs").splitlines())


@pytest.fixture
def bot(app: Machine, tmp_path: Path) -> Iterator[Stage]:
    yield from with_host(app.spec(services=("shop",)), tmp_path)


def with_host(host: HostSpec, folder: Path) -> Iterator[Stage]:
    clock, telemetry, store = FastClock(), QuietTelemetry(), fresh_store(folder)
    fleet = Fleet(hosts={host.name: host}, services={"shop": SHOP})
    settings = Settings(
        fleet=fleet,
        channel="#ops",
        inspect=InspectPolicy(upload=Upload.NEVER),
        access=AccessPolicy(operators=(ANA.id, BEN.id)),
    )
    hosts = open_hosts(fleet, clock=clock, telemetry=telemetry)
    services = Services(
        settings=settings,
        clock=clock,
        ids=CountedIds(),
        hosts=hosts,
        store=store,
        chat=NoChat(),
        telemetry=telemetry,
    )
    yield Stage(services=services, clock=clock, victim=Victim(folder=folder, port=1))
    hosts.close()
    store.close()
    assert telemetry.failures == []


def code(action: Action) -> str:
    return action.reason.code if action.reason else ""


def test_a_hung_unit_is_restarted_and_verified_by_a_new_run_of_it(bot: Stage, app: Machine) -> None:
    before = app.show("app.service", "InvocationID", "MainPID")
    app.do("kill", "-USR1", before[1])
    until(lambda: not answers(app))
    asked = bot.asked()
    assert asked.command == ("systemctl", "restart", "app.service"), "root needs no sudo"
    bot.press("confirm", asked.id)
    end = bot.work(faster=1)
    assert end.status is ActionStatus.WATCHED
    after = app.show("app.service", "InvocationID", "MainPID")
    assert before[0] != after[0]
    assert end.before is not None
    assert end.after is not None
    assert (end.before.invocation, end.after.invocation) == (before[0], after[0])
    assert (end.before.main_pid, end.after.main_pid) == (int(before[1]), int(after[1]))
    assert starts(app) == 2


def test_a_masked_unit_is_not_even_asked_about(bot: Stage, app: Machine) -> None:
    app.do("systemctl", "stop", "app.service")
    app.do("rm", "/etc/systemd/system/app.service")
    app.do("systemctl", "mask", "app.service")
    app.do("systemctl", "daemon-reload")
    began = time.monotonic()
    end = bot.asked()
    assert (end.status, code(end)) == (ActionStatus.NOT_DONE, "unit_masked")
    assert time.monotonic() - began < 5
    assert "systemctl unmask app.service" in bot.texts()[-1]


def test_a_unit_that_is_masked_after_the_question_is_not_touched(bot: Stage, app: Machine) -> None:
    bot.confirmed()
    app.do("rm", "/etc/systemd/system/app.service")
    app.do("systemctl", "mask", "app.service")
    app.do("systemctl", "daemon-reload")
    end = bot.work(faster=1)
    assert (end.status, code(end), end.sent_at) == (ActionStatus.NOT_DONE, "unit_masked", None)
    assert starts(app) == 1


def test_a_unit_that_systemd_does_not_know_is_told(bot: Stage, app: Machine) -> None:
    settings = bot.services.settings
    fleet = replace(settings.fleet, services={"shop": replace(SHOP, unit="ghost.service")})
    end = bot.with_settings(fleet=fleet).asked()
    assert (end.status, code(end)) == (ActionStatus.NOT_DONE, "unit_not_loaded")


@pytest.mark.parametrize("sudo", [False, True])
def test_an_account_without_rights_is_refused_within_seconds_and_nothing_changes(
    app: Machine, tmp_path: Path, sudo: bool
) -> None:
    before = app.show("app.service", "InvocationID", "MainPID")
    for bot in with_host(app.spec(user="probe", sudo=sudo, services=("shop",)), tmp_path):
        asked = bot.asked()
        assert asked.command == (*(("sudo", "-n") if sudo else ()), "systemctl", "restart", "app.service")
        bot.press("confirm", asked.id)
        began = time.monotonic()
        end = bot.work(faster=1)
        assert end.status is ActionStatus.NOT_DONE
        assert end.exit
        assert time.monotonic() - began < 5
        assert end.output
    assert app.show("app.service", "InvocationID", "MainPID") == before


def test_an_app_that_dies_five_seconds_later_was_restarted_and_then_died(bot: Stage, app: Machine) -> None:
    bot.asked()
    tell(app, "dies_after", "5")
    bot.press("confirm", bot.action.id)
    end = bot.work(faster=1)
    assert (end.status, code(end)) == (ActionStatus.NOT_VERIFIED, "died")
    assert "failed" in bot.texts()[-1]


def test_an_app_that_systemd_starts_again_and_again_is_not_verified(bot: Stage, app: Machine) -> None:
    app.unit("app", f"{UNIT}Restart=always\nRestartSec=0.2\n")
    bot.asked()
    tell(app, "dies_after", "3")
    bot.press("confirm", bot.action.id)
    end = bot.work(faster=1)
    assert (end.status, code(end)) == (ActionStatus.NOT_VERIFIED, "died")


def test_a_link_that_is_cut_in_mid_restart_gives_unknown_at_once_and_the_truth_when_it_heals(
    bot: Stage, app: Machine
) -> None:
    tell(app, "stops_after", "6")
    app.do("systemctl", "restart", "app.service")  # from now on it takes six seconds to stop
    until(lambda: answers(app))
    runs, before = starts(app), app.show("app.service", "InvocationID")
    action = bot.confirmed()
    told: list[str] = []

    def crash(point: str) -> None:
        if point == "sending":
            cutter.start()

    cutter = later(lambda: app.show("app.service", "ActiveState") == ["deactivating"], app.cut)
    try:
        began = time.monotonic()
        while bot.action.unsure_at is None:
            bot.step(crash=crash)
            time.sleep(0.05)
            assert time.monotonic() - began < 80
        told = bot.texts()
        assert any("I do not know whether shop on web1 was restarted" in text for text in told)
        bot.step()
    finally:
        cutter.join()
        app.heal()
    until(lambda: answers(app))
    end = bot.work(faster=1)
    assert end.status is ActionStatus.WATCHED
    assert starts(app) == runs + 1, "it was restarted once"
    assert app.show("app.service", "InvocationID") != before
    assert end.id == action.id
    assert "answers again" in bot.texts()[-1]


def test_a_link_that_is_cut_before_the_command_arrives_ends_in_not_done(bot: Stage, app: Machine) -> None:
    runs = starts(app)
    bot.confirmed()

    def crash(point: str) -> None:
        if point == "sending":
            app.cut()

    try:
        while bot.action.unsure_at is None:
            bot.step(crash=crash)
            time.sleep(0.05)
    finally:
        app.heal()
    end = bot.work(faster=1)
    assert (end.status, code(end)) == (ActionStatus.NOT_DONE, "not_done_after_all")
    assert starts(app) == runs
    assert "never ran there" in bot.texts()[-1]


def test_a_restart_waits_for_what_systemd_still_does_to_the_unit(bot: Stage, app: Machine) -> None:
    tell(app, "stops_after", "4")
    app.do("systemctl", "restart", "app.service")
    until(lambda: answers(app))
    app.do("systemctl", "restart", "--no-block", "app.service")
    until(lambda: app.show("app.service", "ActiveState") == ["deactivating"])
    host = bot.services.hosts.get("web1")
    seen = remedies.look(host, SHOP, mark="hangbot-mark-t")
    assert (seen.queued, seen.state) == (True, "deactivating")


def test_hostile_words_of_a_chat_reach_no_host(bot: Stage, app: Machine) -> None:
    app.do("rm", "-f", "/tmp/pwned")
    for words in ("web1; touch /tmp/pwned", "$(touch /tmp/pwned) shop", "web1 `touch /tmp/pwned`",
                  "web1 shop;reboot", "--help", "-oProxyCommand=touch web1", "../web1 shop", "web1/../shop", "* *",
                  "web1 shop\ntouch /tmp/pwned", "wеb1 shop", "web1 \u202eshop", "x" * 280):  # fmt: skip
        bot.type(f"restart {words}")
    assert [one for one in bot.store.actions() if one.target.service != "shop"] == []
    while bot.step():
        pass
    assert app.do("ls", "/tmp/pwned", check=False) == ""
    assert starts(app) == 1
    assert "no host" in shown(bot.type("restart web1;reboot shop")).lower()


def later(true, act):  # type: ignore[no-untyped-def]
    """Return a thread that acts once something is so."""
    import threading

    def run() -> None:
        until(true)
        act()

    return threading.Thread(target=run)
