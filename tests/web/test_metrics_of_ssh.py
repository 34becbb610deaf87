"""Connections are counted while they are open, and a host that is gone is counted by how it failed."""

from pathlib import Path

from tests.chat.slack.running import CONFIG, running_bot
from tests.sandbox_process import Sandbox
from tests.sshd import running_sshd
from tests.web.test_metrics import until

HERE = "  here: {transport: local, services: [ghost]}\n"
WEB1 = "  web1: {{address: {address}, port: {port}, user: {user}, key_file: {key}, known_hosts: {known}, sudo: false}}\n"


def test_a_connection_is_counted_until_its_host_is_gone(sandbox: Sandbox, tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd:
        place = {"address": sshd.address, "port": sshd.port, "user": sshd.user}
        web1 = WEB1.format(**place, key=sshd.key_file, known=sshd.known_hosts)
        with running_bot(sandbox, tmp_path, CONFIG.replace(HERE, HERE + web1), http="127.0.0.1:0") as bot:
            until(bot, lambda samples: samples["hangbot_ssh_connections"] == 1)
            until(bot, lambda samples: samples["hangbot_probe_rounds_total[ok]"] >= 4)
            sshd.stop()
            until(bot, lambda samples: samples["hangbot_probe_rounds_total[unreachable]"] >= 1)
            until(bot, lambda samples: samples["hangbot_ssh_connections"] == 0)
