"""`checks:` of the config: what is understood, and what is refused with its line."""

from pathlib import Path

import pytest

from bot import config
from bot.domain.checks import CheckSpec
from bot.domain.errors import ConfigFault
from bot.domain.settings import Settings

HOSTS = "hosts: {web1: {services: [shop]}, db1: {}}\nservices: {shop: {process: shop}}\n"


def load(folder: Path, text: str) -> Settings:
    file = folder / "hangbot.yaml"
    file.write_text(HOSTS + text)
    return config.load(file, environ={})


def test_checks_are_understood_and_stand_in_hangbot_check(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "checks:\n"
        '  cert: {tls: "shop.example.org:443", name: shop.example.org, warning: 30d, hosts: "web*", every: 1h}\n'
        "  queue: {command: [check_queue, -w, '5'], hosts: [web1, db1]}\n"
        '  page: {http: "http://127.0.0.1/", status: 200, body: "Wel.*", under: 2s}\n'
        "  cache: {redis: 127.0.0.1}\n",
    )
    cert, queue, page, cache = settings.checks
    assert (cert.kind, cert.address(), cert.server_name, cert.warning_days, cert.every_s) == (
        "tls", ("shop.example.org", 443), "shop.example.org", 30, 3600,
    )  # fmt: skip
    assert queue.argv == ("check_queue", "-w", "5")
    assert (page.status, page.body, page.under_s) == (200, "Wel.*", 2.0)
    assert cache.address(6379) == ("127.0.0.1", 6379)
    assert [one.name for one in settings.checks_on("db1")] == ["queue", "page", "cache"]
    assert "cert: tls shop.example.org:443, on web*, every 1h" in config.describe(settings)


def test_a_service_that_supervisord_or_a_container_keeps_brings_its_check_along(tmp_path: Path) -> None:
    file = tmp_path / "hangbot.yaml"
    file.write_text(
        "hosts: {web1: {services: [shop]}, web2: {services: [mail]}, db1: {}}\n"
        "services:\n"
        "  shop: {process: shop, supervisor: 'web:shop'}\n"
        "  mail: {process: mail, container: mail-1}\n"
        "  spare: {process: spare, container: spare}\n"
        "checks: {mail_container: {container: other, hosts: web2}}\n"
    )
    settings = config.load(file, environ={})
    (shop,) = settings.checks_on("web1")
    assert (shop.name, shop.kind, shop.target) == ("shop_supervisor", "supervisor", "web:shop")
    assert [(one.name, one.target) for one in settings.checks_on("web2")] == [("mail_container", "other")]
    assert settings.checks_on("db1") == ()
    assert settings.fleet.services["mail"].container == "mail-1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {}", "nothing says what to ask"),
        ("a: {tcp: 'x:1', redis: x}", "more than one thing"),
        ("a: {tcp: 'x'}", "is no address"),
        ("a: {tcp: 'x:99999'}", "is no address"),
        ("a: {tcp: 'x:1', status: 200}", "`tcp` has no `status`"),
        ("a: {http: 'http://x/', body: '('}", "is no regular expression"),
        ("a: {tcp: 'x:1', hosts: wbe1}", "there is no host `wbe1`"),
        ("shop: {tcp: 'x:1'}", "is the name of a service too"),
        ("a: {command: 'check_load -w 5'}", "is one text, and no shell will split it"),
        ("a: {units: all}", "is not known here"),
    ],
)
def test_a_slip_is_refused_with_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        load(tmp_path, f"checks: {{{text}}}\n")
    assert said in caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("5432", ("127.0.0.1", 5432)),
        ("db:1", ("db", 1)),
        ("[::1]:80", ("::1", 80)),
        ("https://x/y", ("x", 443)),
        ("db", ("db", 7)),
    ],
)
def test_an_address_is_read_as_people_write_it(target: str, place: tuple[str, int]) -> None:
    assert CheckSpec(name="a", kind="tcp", target=target).address(7) == place
