"""A certificate whose signature is not its authority's vouches for nobody; somebody new who waits is no deaf port."""

import base64
import subprocess
from pathlib import Path

from bot.hosts import certificates
from bot.probes import accepting
from tests.sshd import make_key


def test_a_forged_certificate_is_told_from_a_signed_one(tmp_path: Path) -> None:
    make_key(tmp_path / "ca")
    make_key(tmp_path / "host")
    argv = (
        "ssh-keygen",
        "-q",
        "-s",
        str(tmp_path / "ca"),
        "-I",
        "x",
        "-h",
        "-n",
        "web1",
        str(tmp_path / "host.pub"),
    )
    subprocess.run(argv, check=True)
    blob = base64.b64decode((tmp_path / "host-cert.pub").read_text().split()[1])
    assert certificates.why_not(blob, name="web1") == ""
    forged = blob[:-1] + bytes((blob[-1] ^ 1,))
    assert certificates.why_not(forged, name="web1")


def test_another_one_who_waits_is_no_proof() -> None:
    def row(peer: str) -> dict[str, str]:
        door = "0: 0100007F:1F40 00000000:0000 0A 00000000:00000001 00:00 0 0 0 77 1"
        return {"listening": f"{door}\n1: 0100007F:1F40 {peer} 01 00000000:00000000 00:00 0 0 0 0 1"}

    one, other = row("0100007F:9001"), row("0100007F:9002")
    assert accepting.stuck(one, one, {"8000": 5.0}, seconds=30.0) == {"8000": 35.0}
    assert accepting.stuck(other, one, {"8000": 5.0}, seconds=30.0) == {"8000": 0.0}
