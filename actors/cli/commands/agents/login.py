"""`hive login`: Claude Code's own login in an agent, from this terminal."""

import time
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, complete_agents, with_config
from actors.daemon_settings import DaemonSettings
from harness.wire import names
from harness.wire.boundary.account_page import is_account_page
from harness.wire.errors import ErrorCode, HiveError, conflict, not_found

ADDRESS_SECONDS = 60.0
CODE_SECONDS = 120.0


@click.command()
@click.argument("name", required=False, default=names.MANAGER, shell_complete=complete_agents)
@with_config(*PLACES)
def login(config: DaemonSettings, name: str) -> None:
    """Log Claude Code in within an agent; without a NAME in the manager.

    Claude Code's own login runs in the agent's container. Open the address that is printed in any browser, and paste
    the code from there. Ctrl-C cancels the login.
    """
    with DaemonClient(config.host_socket) as daemon, DaemonClient(config.host_socket) as changes:
        _Login(daemon, changes, name).run()
    click.echo(f"{name} is logged in")


class _Login:
    """One login. `changes` becomes a stream of the agents' rows."""

    def __init__(self, daemon: DaemonClient, changes: DaemonClient, name: str) -> None:
        self._daemon = daemon
        self._changes = changes
        self._name = name

    def run(self) -> None:
        """Return when Claude Code is logged in; raises HiveError when it is not."""
        self._changes.request("subscribe_agent_status")
        earlier = (_row(self._daemon, self._name).get("login") or {}).get("begun_at")
        self._order("login_start")
        try:
            login = self._next(earlier, None, ADDRESS_SECONDS, "gives no address")
            if login["state"] == "waiting_for_code":
                _show_address(self._name, str(login.get("url")))
            while login["state"] == "waiting_for_code":
                if login.get("reason"):
                    click.echo(output.plain(login["reason"]))
                self._order("login_code", click.prompt("Code"))
                login = self._next(earlier, login["since"], CODE_SECONDS, "does not say whether the code is right")
        except (click.Abort, KeyboardInterrupt):
            self._order("login_cancel")
            raise
        if login["state"] != "done":
            reason = output.plain(login.get("reason") or "it was cancelled")
            raise conflict(f"the login of {self._name} failed: {reason}", f"`hive login {self._name}` tries again")

    def _order(self, action: str, value: str | None = None) -> None:
        self._daemon.request("agent_control", name=self._name, action=action, value=value)

    def _next(self, earlier: str | None, since: str | None, seconds: float, trouble: str) -> dict[str, Any]:
        """The login when it waits for a code, or is over. Passed over are an earlier one, and what was seen already."""
        deadline = time.monotonic() + seconds
        while (frame := self._changes.waiting(deadline - time.monotonic())) is not None:
            login = next((row["login"] for row in frame["agent_statuses"] if _is(row, self._name)), None)
            if login is None or login["begun_at"] == earlier or login["since"] == since:
                continue
            if login["state"] in ("waiting_for_code", "done", "failed", "cancelled"):
                found: dict[str, Any] = login
                return found
        message = f"the login of {self._name} {trouble} for {seconds:.0f} s"
        raise HiveError(ErrorCode.TIMEOUT, message, f"`hive logs {self._name}`")


def _row(daemon: DaemonClient, name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = daemon.request("agent_status")["agent_statuses"]
    found = next((row for row in rows if _is(row, name)), None)
    if found is None:
        raise not_found(f"agent {name!r}", "`hive agents` lists them")
    return found


def _is(row: dict[str, Any], name: str) -> bool:
    return name in (row["name"], row.get("container"))


def _show_address(name: str, url: str) -> None:
    click.echo(f"To log {name} in, open this address in a browser, and paste the code from there here:\n")
    click.echo(f"  {output.plain(url)}\n")
    if not is_account_page(url):
        click.echo("Warning: this is no address of a Claude account. Do not log in there.", err=True)
