"""What listens becomes services, each once, under a name that can be typed."""

import pytest
import yaml

from bot.domain import discovery
from bot.domain.discovery import Discovered, Listener
from bot.domain.observations import HttpAnswer
from bot.present import discovery as words


def process(pid: int, command: str, *ports: int, **more: object) -> Listener:
    name = str(more.pop("name", command.split(maxsplit=1)[0].rpartition("/")[2]))
    return Listener(
        pid=pid, name=name, command=command, addresses=tuple(("0.0.0.0", port) for port in ports), **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/usr/bin/python3 -u /srv/shop/app.py --port 1", "/srv/shop/app.py"),
        ("python3.12 -m gunicorn shop:app", "gunicorn"),
        ("/opt/venv/bin/gunicorn shop:app", "/opt/venv/bin/gunicorn"),
        ("java -Xmx1g -jar /srv/api.jar", "/srv/api.jar"),
        ("node /srv/web/index.js", "/srv/web/index.js"),
        ("nginx: master process /usr/sbin/nginx", ""),
        ("", ""),
    ],
)
def test_a_process_is_told_by_the_program_that_it_runs(command: str, text: str) -> None:
    assert discovery.telling(command) == text


def test_workers_are_one_service_with_their_parent_and_what_every_machine_has_is_none() -> None:
    found = discovery.proposals(
        [
            process(1, "/sbin/init", 80),
            process(10, "sshd: /usr/sbin/sshd", 22, name="sshd"),
            process(21, "nginx: worker process", 80, name="nginx", parent=20),
            process(20, "nginx: master process", 80, 443, name="nginx", parent=1),
            process(30, "/srv/shop/run --x", 8000, group="/system.slice/shop.service", parent=1),
            process(31, "/srv/shop/run --x", 8000, group="/system.slice/shop.service", parent=30),
            process(40, "python3 /srv/shop/admin.py", 9000),
        ]
    )
    assert {one.spec.name: (one.spec.unit, one.spec.process, one.ports) for one in found} == {
        "nginx": (None, "nginx", (80, 443)),
        "shop": ("shop.service", None, (8000,)),
        "admin": (None, "/srv/shop/admin.py", (9000,)),
    }
    assert {one.listener.pid for one in found} == {20, 30, 40}


def test_a_database_is_not_asked_a_url_and_the_first_good_answer_counts() -> None:
    found = discovery.proposals(
        [process(5, "/usr/lib/postgres", 5432, name="postgres"), process(6, "/srv/web", 8000, 8443)]
    )
    asked = discovery.questions(found)
    assert all("5432" not in one.name for one in asked)
    urls = [one.http.url for one in asked if one.http]
    assert "https://127.0.0.1:8443/health" in urls
    answers = {one.name: HttpAnswer(status=404) for one in asked}
    answers["web http://127.0.0.1:8000/healthz"] = HttpAnswer(status=200, elapsed_ms=3.0)
    answers["web http://127.0.0.1:8000/ping"] = HttpAnswer(status=200)
    (web,) = (one for one in discovery.answered(found, answers) if one.spec.name == "web")
    assert web.spec.http is not None
    assert web.spec.http.url == "http://127.0.0.1:8000/healthz"


def test_a_server_that_only_knows_no_page_is_asked_at_its_root() -> None:
    found = discovery.proposals([process(6, "/srv/web", 8000)])
    answers = {one.name: HttpAnswer(status=404) for one in discovery.questions(found)}
    (web,) = discovery.answered(found, answers)
    assert web.spec.http is not None
    assert web.spec.http.url == "http://127.0.0.1:8000/"
    silent = {one.name: HttpAnswer(problem="timeout") for one in discovery.questions(found)}
    assert discovery.answered(found, silent)[0].spec.http is None


def test_the_text_is_yaml_that_the_config_takes_and_alike_services_stand_once() -> None:
    one = discovery.proposals(
        [process(6, "/srv/a b/web: x", 8000), process(7, "/srv/api", 8001, group="/x/api.service")]
    )
    other = discovery.proposals([process(9, "/srv/other/api", 8001)])
    text = words.text(
        [
            Discovered(host="web1", proposals=one, unseen=(631,)),
            Discovered(host="web2", proposals=one),
            Discovered(host="web3", proposals=other),
        ]
    )
    read = yaml.safe_load(text)
    assert read["hosts"]["web1"] == read["hosts"]["web2"]
    assert read["hosts"]["web3"]["services"] == ["api-web3"]
    assert read["services"]["api"] == {"unit": "api.service"}
    assert read["services"]["api-web3"] == {"process": "/srv/other/api"}
    assert "631" in text
    assert yaml.safe_load(words.text([Discovered(host="web1", proposals=())]))["services"] == {}
