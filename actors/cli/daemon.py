"""Running the daemon: `up` for one user in the foreground, `serve` as a service. The only heavy commands."""

import os
import socket
import sys
from pathlib import Path

import click

from actors.cli.flags import with_config
from actors.config import HostConfig
from actors.operator_token import dashboard_url, read_or_make
from actors.settings import SettingsError


@click.command()
@with_config()
def up(config: HostConfig) -> None:
    """Run the hive for one user, in the foreground.

    Prints the dashboard's address, token included, when everything is up. Ctrl-C stops it in order; a second one at
    once. Agents' containers go on running and are taken over by the next start.
    """
    sys.exit(_serve(config, announce=True))


@click.command()
@with_config()
def serve(config: HostConfig) -> None:
    """Run the hive as a service.

    Like `hive up`, but silent: it logs, and tells systemd (or whoever set NOTIFY_SOCKET) when it is ready.
    """
    sys.exit(_serve(config, announce=False))


def _serve(config: HostConfig, *, announce: bool) -> int:
    if config.runtime == "nspawn":
        from actors.cli.image import ensure

        ensure(config)
    # The run dir is for others too: the web process and the admin group reach their sockets in it.
    _make(config.state_dir, "state_dir", 0o700)
    _make(config.run_dir, "run_dir", 0o755)
    url = dashboard_url(config, read_or_make(config.token_file))
    # Taken out of the environment, so that nothing we start believes it should report for us.
    notify_socket = os.environ.pop("NOTIFY_SOCKET", None)

    def ready() -> None:
        _notify(notify_socket, "READY=1")
        if announce:
            click.echo(f"The hive is up.\n{url or 'No dashboard: web_port is 0.'}")

    from actors.serve import serve as run

    return run(config, on_ready=ready)


def _make(directory: Path, setting: str, mode: int) -> None:
    try:
        directory.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"can not make {directory}: {error.strerror}", f"set {setting} to a folder of yours"
        ) from None


def _notify(address: str | None, state: str) -> None:
    """Tell the service manager, in systemd's own protocol: one datagram of VARIABLE=value lines."""
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
