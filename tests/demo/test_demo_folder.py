"""The demo's folder, servers and first words: what it refuses before it harms anything, and any path it is given."""

import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from bot import config
from bot.demo import place, sshd
from bot.demo.cast import config_text
from bot.demo.children import Children
from bot.demo.folder import MARK, FolderFault, emptied
from tests.sshd import BINARY, free_port


def test_a_demo_that_runs_is_never_emptied(tmp_path: Path) -> None:
    with emptied(tmp_path / "demo") as folder:
        (folder / "kept").touch()
        with pytest.raises(FolderFault, match="a demo runs in"), emptied(tmp_path / "demo"):
            pass
        assert (folder / "kept").exists()
    with emptied(tmp_path / "demo") as folder:
        assert sorted(entry.name for entry in folder.iterdir()) == [MARK, "keys", "logs"]
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_with_anything_but_a_demo_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FolderFault, match="--dir FOLDER"), emptied(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").exists()
    with pytest.raises(FolderFault, match="not a folder"), emptied(tmp_path / "thesis.txt"):
        pass
    with pytest.raises(FolderFault, match="cannot be used"), emptied(Path("/proc/hangbot-demo")):
        pass
    with pytest.raises(FolderFault, match="nobody can type"), emptied(tmp_path / "a\nb"):
        pass


def test_emptying_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    with emptied(tmp_path / "demo") as folder:
        (folder / "link").symlink_to(outside)
    with emptied(tmp_path / "demo"):
        assert (outside / "kept").exists()


def test_a_taken_port_is_said_before_anything_is_emptied(tmp_path: Path) -> None:
    with emptied(tmp_path / "demo") as folder:
        (folder / "kept").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(FolderFault, match=f"port {port}: address already in use.* --port "),
            place.running(tmp_path / "demo", port=port),
        ):
            pass
    assert (tmp_path / "demo" / "kept").exists()


@pytest.mark.parametrize(
    "name", ["plain", "with blanks", 'a "quoted" one', "it's 100 %h", "back\\slash", "é"]
)
def test_sshd_starts_from_any_folder(tmp_path: Path, name: str) -> None:
    if BINARY is None:
        pytest.skip("sshd is missing: apt-get install openssh-server")
    children = Children()
    with emptied(tmp_path / name) as folder:
        public = sshd.make_key(tmp_path / "id", "test")
        (folder / "keys" / "authorized_keys").write_text(public + "\n")
        sshd.make_key(folder / "keys" / "demo1_host_key", "demo1")
        (folder / "demo1").mkdir()
        port = free_port()
        written = sshd.write_config(folder, "demo1", "127.0.0.1", port)
        log = folder / "logs" / "sshd.log"
        try:
            server = children.start((sshd.binary(), "-D", "-e", "-f", str(written)), log=log)
            sshd.wait_for(server, "127.0.0.1", port, log)
            ssh = (
                "ssh",
                "-F",
                "none",
                "-p",
                str(port),
                "-i",
                str(tmp_path / "id"),
            )
            strict = (
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "BatchMode=yes",
            )
            there = (f"{sshd.login()}@127.0.0.1", 'printf %s "$HOME"')
            done = subprocess.run(
                (*ssh, *strict, *there), capture_output=True, text=True, check=False, timeout=60
            )
            assert done.stdout == str(folder / "demo1"), done.stderr
        finally:
            children.stop()


def test_a_server_that_ends_at_once_is_told_with_its_own_last_words(tmp_path: Path) -> None:
    children, log = Children(), tmp_path / "sshd.log"
    server = children.start(("sh", "-c", "echo no such key >&2; exit 1"), log=log)
    with pytest.raises(FolderFault, match="no such key"):
        sshd.wait_for(server, "127.0.0.1", free_port(), log)
    children.stop()


@pytest.mark.parametrize("name", ["plain", 'a "b" é', "x: #y"])
def test_the_demos_config_is_one_that_hangbot_reads_without_a_warning(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    file = folder / "hangbot.yaml"
    text = config_text({"demo1": 2201, "demo2": 2202}, 8000, folder, login="ann", beside="hangbot probe")
    file.write_text(text, encoding="utf-8")
    read = config.load(file, environ={})
    assert read.warnings == ()
    assert read.fleet.hosts["demo1"].user == "ann"
    shop = read.fleet.services_on(read.fleet.hosts["demo1"])[0]
    assert (shop.process, shop.restart) == (f"{folder}/demo1/shop.py", (f"{folder}/demo1/restart",))
    assert yaml.safe_load(text)["database"] == "sqlite:///hangbot.db"
