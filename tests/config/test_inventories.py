"""Hosts from files that people already have, as ssh(1) and Ansible themselves understand them."""

from pathlib import Path

import pytest

from bot import config
from bot.domain.errors import ConfigFault
from bot.domain.targets import Fleet

SERVICES = "services:\n  shop: {process: shop}\n  api: {process: api}\n"


def load(folder: Path, text: str, **environ: str) -> Fleet:
    file = folder / "hangbot.yaml"
    file.write_text(text + SERVICES)
    return config.load(file, environ=environ).fleet


def refused(folder: Path, text: str) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        load(folder, text)
    return caught.value


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# --- ssh_config


SSH_CONFIG = """
Include {folder}/more/*.conf
Host bastion
  HostName 192.0.2.1
  User jump
  Port 2200
Host web1 web2
  ProxyJump bastion
  IdentityFile {folder}/%h.key
  IdentityFile {folder}/other.key
  IdentitiesOnly yes
Host web1
  HostName 10.0.0.11
Host web2
  HostName 10.0.0.12
  HostKeyAlias two
  UserKnownHostsFile {folder}/theirs /dev/null
Host web*
  User deploy
Host "db"
  ProxyCommand nc -x proxy:1080 %h %p
  IdentityAgent none
Host * !bastion
  ServerAliveInterval 30
"""


@pytest.fixture
def ssh_config(tmp_path: Path) -> Path:
    write(tmp_path, "more/a.conf", "Host=cache1\n  HostName 10.0.0.21\n")
    return write(tmp_path, "ssh_config", SSH_CONFIG.format(folder=tmp_path))


def test_an_ssh_config_means_what_ssh_makes_of_it(tmp_path: Path, ssh_config: Path) -> None:
    del ssh_config
    fleet = load(
        tmp_path,
        "ssh: {user: hangbot}\ninventories:\n- {ssh_config: ssh_config, services: [shop], labels: {role: web}}\n",
        SSH_AUTH_SOCK="/run/agent",
    )
    assert set(fleet.hosts) == {"bastion", "web1", "web2", "db", "cache1"}
    web1, web2, db = (fleet.hosts[name] for name in ("web1", "web2", "db"))
    assert (web1.address, web1.user, web1.port) == ("10.0.0.11", "deploy", 22)
    assert web1.identities == (f"{tmp_path}/10.0.0.11.key", f"{tmp_path}/other.key")
    assert web1.identities_only
    assert web1.agent == "/run/agent"
    assert web1.services == ("shop",)
    assert web1.labels == {"role": "web"}
    assert web1.jump is not None
    assert (web1.jump.name, web1.jump.address, web1.jump.user, web1.jump.port) == (
        "bastion", "192.0.2.1", "jump", 2200,
    )  # fmt: skip
    assert web2.key_alias == "two"
    assert f"{tmp_path}/theirs" in web2.also_known
    assert db.proxy_command == "nc -x proxy:1080 %h %p"
    assert db.agent == ""
    assert (fleet.hosts["cache1"].address, fleet.hosts["cache1"].user) == ("10.0.0.21", "hangbot")
    assert fleet.reached("BASTION").address == "192.0.2.1"


def test_match_chooses_hosts_and_may_name_one_that_only_a_pattern_describes(
    tmp_path: Path, ssh_config: Path
) -> None:
    del ssh_config
    fleet = load(tmp_path, 'inventories: [{ssh_config: ssh_config, match: "web*,!web2,web7"}]\n')
    assert set(fleet.hosts) == {"web1", "web7"}
    assert fleet.hosts["web7"].user == "deploy"
    assert fleet.reached("bastion").user == "jump"


def test_what_stands_at_a_host_counts_more_than_its_inventory(tmp_path: Path, ssh_config: Path) -> None:
    del ssh_config
    fleet = load(
        tmp_path,
        "hosts: {web1: {user: root, port: 2222, key_file: own, jump: none, services: [api], labels: {a: b}}}\n"
        "inventories: [{ssh_config: ssh_config, services: [shop]}]\n",
    )
    web1 = fleet.hosts["web1"]
    assert (web1.user, web1.port, web1.key_file, web1.jump) == ("root", 2222, f"{tmp_path}/own", None)
    assert (web1.address, web1.identities, web1.services) == ("10.0.0.11", (), ("api", "shop"))


def test_what_ssh_says_is_not_understood_names_its_line(tmp_path: Path) -> None:
    write(tmp_path, "bad", "Host web1\n  Prot 22\n")
    fault = refused(tmp_path, "slack: {channel: a}\ninventories:\n  - {ssh_config: bad}\n")
    assert (fault.line, fault.key) == (3, "inventories[0].ssh_config")
    assert "bad: line 2: Bad configuration option: prot" in fault.problem


def test_jumps_in_a_circle_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "ring", "Host a\n ProxyJump b\nHost b\n ProxyJump c\nHost c\n ProxyJump a\n")
    assert "circle" in refused(tmp_path, "inventories: [{ssh_config: ring}]\n").problem
    assert "circle" in refused(tmp_path, "hosts: {a: {jump: b}, b: {jump: a}}\n").problem
    assert load(tmp_path, "ssh: {jump: b}\nhosts: {a: {}, b: {}}\n").hosts["b"].jump is None


def test_a_chain_of_jumps_is_one_behind_the_other(tmp_path: Path) -> None:
    write(tmp_path, "chain", "Host web\n ProxyJump ana@first:2201,[2001:db8::2]:2202\n")
    web = load(tmp_path, "inventories: [{ssh_config: chain}]\n").hosts["web"]
    assert [(one.address, one.port) for one in web.jumps] == [("2001:db8::2", 2202), ("first", 2201)]
    assert web.jumps[1].user == "ana"


def test_a_jump_is_a_host_of_the_config_or_an_address(tmp_path: Path) -> None:
    fleet = load(
        tmp_path,
        "ssh: {jump: b1, key_file: id}\n"
        "hosts: {b1: {address: 192.0.2.7, user: jump}, web1: {}, web2: {jump: ops@192.0.2.9:2222}}\n",
    )
    web1, web2 = fleet.hosts["web1"], fleet.hosts["web2"]
    assert web1.jump is not None
    assert (web1.jump.address, web1.jump.user, web1.jump.jump) == ("192.0.2.7", "jump", None)
    assert web2.jump is not None
    assert (web2.jump.address, web2.jump.user, web2.jump.port) == ("192.0.2.9", "ops", 2222)
    assert web2.jump.key_file == f"{tmp_path}/id"


# --- Ansible


INI = """
mail.example.org ansible_user=root    # alone

[web]
web[01:03].example.org ansible_port=2222
web9 ansible_host=10.0.0.9 hangbot_services='["shop", "api"]'

[db]
db-[a:b]:2200

[eu:children]
web
db

[eu:vars]
ansible_user=deploy
ansible_ssh_common_args='-o ProxyJump="jump@bastion:2201" -o Foo=bar'

[web:vars]
ansible_user=www
ansible_ssh_private_key_file=~/keys/web
hangbot_services=shop
"""


def test_an_ansible_inventory_in_ini(tmp_path: Path) -> None:
    write(tmp_path, "inventory.ini", INI)
    write(tmp_path, "group_vars/db.yml", "ansible_port: 2300\nhangbot_zone: eu\nsecret: !vault |\n  3132\n")
    write(tmp_path, "host_vars/web9.yaml", 'ansible_port: "{{ other }}"\nhangbot_labels: {team: pay}\n')
    hosts = load(tmp_path, "inventories: [{ansible: inventory.ini}]\n").hosts
    assert set(hosts) == {
        "mail.example.org", "web01.example.org", "web02.example.org", "web03.example.org", "web9", "db-a", "db-b",
    }  # fmt: skip
    web1, web9, db = hosts["web01.example.org"], hosts["web9"], hosts["db-a"]
    assert (web1.user, web1.port, web1.services) == ("www", 2222, ("shop",))
    assert web1.key_file == str(Path("~/keys/web").expanduser())
    assert web1.jump is not None
    assert (web1.jump.address, web1.jump.user, web1.jump.port) == ("bastion", "jump", 2201)
    assert (web9.address, web9.services, web9.labels) == (
        "10.0.0.9",
        ("shop", "api"),
        {"group": "web", "team": "pay"},
    )
    assert (db.user, db.port, db.zone) == ("deploy", 2200, "eu")
    assert (hosts["mail.example.org"].user, hosts["mail.example.org"].jump) == ("root", None)
    only = load(tmp_path, "inventories: [{ansible: inventory.ini, group: db}]\n").hosts
    assert set(only) == {"db-a", "db-b"}
    fault = refused(tmp_path, "inventories: [{ansible: inventory.ini, group: wbe}]\n")
    assert "has no group `wbe`" in fault.problem
    assert "web" in fault.remedy


def test_an_ansible_inventory_in_yaml(tmp_path: Path) -> None:
    write(
        tmp_path,
        "hosts.yml",
        "all:\n  vars: {ansible_user: deploy}\n  hosts: {mail: }\n  children:\n"
        "    web:\n      hosts:\n        web[1:2]: {ansible_port: 2222}\n      vars: {hangbot_services: shop}\n",
    )
    hosts = load(tmp_path, "inventories: [{ansible: hosts.yml}]\n").hosts
    assert set(hosts) == {"mail", "web1", "web2"}
    assert (hosts["web1"].user, hosts["web1"].port, hosts["web1"].services) == ("deploy", 2222, ("shop",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nweb[1:x]\n", "is no range"),
        ("web1 a='b\n", ":1: a quote is not closed"),
        ("web1 ansible_port=ssh\n", "no port"),
        ("web1 hangbot_services=shpo\n", "`shpo` that is not described"),
        ("web[1:999999999]\n", "too many hosts"),
    ],
)
def test_a_slip_in_an_ansible_inventory_is_named(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, "inventory", text)
    fault = refused(tmp_path, "inventories: [{ansible: inventory}]\n")
    assert said in fault.problem
    assert fault.remedy


# --- file_sd


def test_file_sd_gives_hosts_and_labels(tmp_path: Path) -> None:
    write(
        tmp_path,
        "targets.json",
        '[{"targets": ["web1:9100", "web2:9100"], "labels": {"role": "web", "hangbot_services": "shop,api", "zone": "eu",'
        ' "__meta": "x"}}, {"targets": ["[2001:db8::1]:9100"], "labels": {"hangbot_name": "six", "hangbot_port": "2222"}}]',
    )
    hosts = load(tmp_path, "inventories: [{file_sd: targets.json}]\n").hosts
    assert set(hosts) == {"web1", "web2", "six"}
    web1, six = hosts["web1"], hosts["six"]
    assert (web1.address, web1.port, web1.zone, web1.services) == ("web1", 22, "eu", ("shop", "api"))
    assert web1.labels == {"role": "web", "zone": "eu"}
    assert (six.address, six.port) == ("2001:db8::1", 2222)
    write(tmp_path, "targets.yml", "- targets: [web3]\n")
    assert set(load(tmp_path, "inventories: [{file_sd: targets.yml}]\n").hosts) == {"web3"}
    write(tmp_path, "targets.yml", "targets: [web3]\n")
    assert "no list of targets" in refused(tmp_path, "inventories: [{file_sd: targets.yml}]\n").problem
    write(tmp_path, "targets.yml", "- targets: [web3\n")
    assert (
        "targets.yml:2 is no JSON and no YAML"
        in refused(tmp_path, "inventories: [{file_sd: targets.yml}]\n").problem
    )


def test_two_inventories_complete_each_other(tmp_path: Path, ssh_config: Path) -> None:
    del ssh_config
    write(
        tmp_path,
        "t.json",
        '[{"targets": ["web1:9100"], "labels": {"team": "pay", "hangbot_services": "shop"}}]',
    )
    web1 = load(tmp_path, "inventories: [{ssh_config: ssh_config}, {file_sd: t.json}]\n").hosts["web1"]
    assert (web1.address, web1.labels, web1.services) == ("10.0.0.11", {"team": "pay"}, ("shop",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inventories: [{}]\n", "nothing says which file"),
        ("inventories: [{ansible: a, file_sd: b}]\n", "more than one file"),
        ("inventories: [{file_sd: b, group: web}]\n", "knows no groups"),
        ("inventories: [{file_sd: b, services: [shpo]}]\n", "no service `shpo`"),
        ("hosts: {web1: {jump: a/b}}\n", "is no jump host"),
        ("hosts: {web1: {jump: b1:ssh}}\n", "has no port that is a number"),
    ],
)
def test_a_slip_in_the_config_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text).problem


def test_a_file_that_is_not_there_yet_gives_a_warning_and_no_hosts(tmp_path: Path) -> None:
    file = tmp_path / "hangbot.yaml"
    file.write_text("hosts: {web1: {}}\ninventories:\n- {file_sd: later.json}\n")
    settings = config.load(file, environ={})
    assert list(settings.fleet.hosts) == ["web1"]
    assert settings.sources == (f"{tmp_path}/later.json",)
    (warning,) = settings.warnings
    assert "hangbot.yaml:3: there is no file `later.json`" in warning


def test_hosts_that_cannot_be_typed_apart_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "t.json", '[{"targets": ["WEB1:9100"]}]')
    fault = refused(tmp_path, "hosts: {web1: {}}\ninventories: [{file_sd: t.json}]\n")
    assert "differ in case alone" in fault.problem
    write(tmp_path, "t.json", '[{"targets": ["we b"]}]')
    assert "no name that can be typed" in refused(tmp_path, "inventories: [{file_sd: t.json}]\n").problem
