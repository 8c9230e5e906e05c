"""Running the daemon: `up` for one user in the foreground, `serve` as a service. Both import the whole of it."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from actors.cli.options import with_config
from actors.daemon_settings import DaemonSettings
from actors.operator_token import dashboard_url, read_or_make
from actors.setting_kinds import SettingsError


@click.command()
@with_config()
def up(config: DaemonSettings) -> None:
    """Run the hive for one user, in the foreground.

    Prints the address of the dashboard, token included, when everything is up. Ctrl-C stops the daemon in order and
    the agents with it; a second Ctrl-C stops at once. Messages of a cut turn are offered again at the next start.
    """
    sys.exit(_serve(config, announce=True))


@click.command()
@with_config()
def serve(config: DaemonSettings) -> None:
    """Run the hive as a service.

    Like `hive up`, but silent: it logs, and reports its state to the service manager that set NOTIFY_SOCKET, such as
    systemd. When it stops, the agents and their turns run on, and the next start adopts them.
    """
    sys.exit(_serve(config, announce=False))


def _serve(config: DaemonSettings, *, announce: bool) -> int:
    if config.runtime == "nspawn":
        from actors.cli.commands.setup.image import ensure

        ensure(config)
    # Other users reach their sockets in run_dir: the web process and the admin group.
    _create(config.state_dir, "state_dir", 0o700)
    _create(config.run_dir, "run_dir", 0o755)
    url = dashboard_url(config, read_or_make(config.token_file))
    if config.agents_on_stop == "auto":
        # A service is restarted and upgraded under its agents; Ctrl-C in `hive up` means that the whole hive is to end.
        config = replace(config, agents_on_stop="stop" if announce else "keep")

    def ready() -> None:
        if announce:
            click.echo(f"The hive is up.\n{url or 'No dashboard: web_port is 0.'}")

    from actors.serve import serve as run
    from actors.service.systemd import from_process

    return run(config, notifier=from_process(), on_ready=ready)


def _create(directory: Path, setting: str, mode: int) -> None:
    try:
        directory.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"cannot create {directory}: {error.strerror}", f"set {setting} to a folder that you may write to"
        ) from None
