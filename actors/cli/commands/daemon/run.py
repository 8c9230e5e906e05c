"""Running the daemon: `up` for one user in the foreground, `serve` as a service. Both import the whole of it."""

import contextlib
import gc
import sys
from dataclasses import replace

import click

from actors.cli.options import with_config
from actors.daemon_settings import DaemonSettings
from actors.operator_token import dashboard_url, read_or_make
from harness.wire.interpreter.run import COLLECTED_AFTER


@click.command()
@with_config()
def up(config: DaemonSettings) -> None:
    """Run the hive for one user, in the foreground.

    Prints the address of the dashboard, token included, when the page answers. Ctrl-C, or the end of the terminal,
    stops the daemon in order and the agents with it; a second Ctrl-C stops at once. Messages of a cut turn are offered
    again at the next start.
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
    if config.agents_on_stop == "auto":
        # A service is restarted and upgraded under its agents; Ctrl-C in `hive up` means that the whole hive is to end.
        config = replace(config, agents_on_stop="stop" if announce else "keep")

    def prepare() -> None:
        if config.runtime == "nspawn":
            from actors.cli.commands.setup.image import ensure

            ensure(config)
        read_or_make(config.token_file)

    gc.set_threshold(COLLECTED_AFTER)
    from actors.serve import serve as run
    from actors.service.systemd import from_process

    terminal = _Terminal(config) if announce else None
    if terminal is None:
        return run(config, notifier=from_process(), prepare=prepare)
    return run(config, notifier=from_process(), prepare=prepare, on_ready=terminal.up, on_page=terminal.page)


class _Terminal:
    """What `hive up` prints: that the hive is up, what a new one lacks, and the address once it leads to a page."""

    def __init__(self, config: DaemonSettings) -> None:
        self._config = config
        self._said: set[str] = set()

    def up(self) -> None:
        from actors.cli.first_login import advice

        self._say("The hive is up." if self._config.web_port else "The hive is up.\nNo dashboard: web_port is 0.")
        self._say(advice(self._config) or "")

    def page(self, trouble: str | None) -> None:
        """The address, or why there is none."""
        url = dashboard_url(self._config, read_or_make(self._config.token_file))
        self._say(trouble or url or "")

    def _say(self, line: str) -> None:
        if line and line not in self._said:
            self._said.add(line)
            with contextlib.suppress(OSError):  # the terminal may be gone
                click.echo(line)
