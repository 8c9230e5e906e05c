"""What a configuration may ask for with `packages`, and where it can be had. Pure."""

import re
from collections.abc import Sequence

from actors.agent.runtime import Launch
from harness.wire.errors import bad_request

DEBIAN = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.]")
"""Debian's own grammar (policy 5.6.1), but for names that end with a dash: to apt that is an order to remove."""


def check_none(launch: Launch, runtime: str) -> None:
    """`bad_request` for packages where the programs inside are the host's: nobody can install any for one agent."""
    if launch.packages:
        raise bad_request(
            f"{launch.paths.name} wants packages ({', '.join(launch.packages)}), which the runtime {runtime} cannot"
            " install: its agents have the programs of the host",
            'leave them out and install them on the host, or use `runtime = "nspawn"`',
        )


def check_debian(packages: Sequence[str]) -> None:
    """`bad_request` for the first that can be no Debian package."""
    for name in packages:
        if not DEBIAN.fullmatch(name):
            raise bad_request(f"packages: {name!r} is no Debian package", "lower-case letters, digits and + . - only")
