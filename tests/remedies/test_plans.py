"""The command comes from the config alone, in the words in which it will run."""

import pytest

from bot import remedies
from bot.domain.targets import HostSpec, ServiceSpec, Transport

UNIT = ServiceSpec(name="shop", unit="shop.service")
OWN = ServiceSpec(name="shop", unit="shop.service", restart=("/srv/restart", "--now"))
SUPERVISED = ServiceSpec(name="shop", process="shop.py", supervisor="web:shop")
CONTAINED = ServiceSpec(name="shop", process="shop.py", container="shop-1")
BARE = ServiceSpec(name="shop", process="shop.py")


@pytest.mark.parametrize(
    ("host", "service", "command"),
    [
        (HostSpec(name="w", user="ops"), UNIT, ("sudo", "-n", "systemctl", "restart", "shop.service")),
        (HostSpec(name="w", user="ops", sudo=False), UNIT, ("systemctl", "restart", "shop.service")),
        (HostSpec(name="w", user="root"), UNIT, ("systemctl", "restart", "shop.service")),
        (HostSpec(name="w", user="root", transport=Transport.LOCAL), UNIT,
         ("sudo", "-n", "systemctl", "restart", "shop.service")),
        (HostSpec(name="w", user="ops"), OWN, ("/srv/restart", "--now")),
        (HostSpec(name="w", user="ops"), SUPERVISED, ("sudo", "-n", "supervisorctl", "restart", "web:shop")),
        (HostSpec(name="w", user="root"), CONTAINED, ("docker", "restart", "shop-1")),
    ],
)  # fmt: skip
def test_the_plan_is_the_exact_command(
    host: HostSpec, service: ServiceSpec, command: tuple[str, ...]
) -> None:
    planned = remedies.plan(host, service)
    assert planned is not None
    assert planned.command == command


@pytest.mark.parametrize(
    "service",
    [BARE, *(ServiceSpec(name="shop", **{how: "--force"}) for how in ("unit", "supervisor", "container"))],
)
def test_where_the_config_does_not_say_how_there_is_no_plan(service: ServiceSpec) -> None:
    assert remedies.plan(HostSpec(name="w"), service) is None
