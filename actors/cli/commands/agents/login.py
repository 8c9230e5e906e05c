"""`hive login`: Claude Code's own login from this terminal, for one agent or for all."""

import os
import time
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, complete_agents, with_config
from actors.cli.setup_token import find_claude, setup_token
from actors.daemon_settings import DaemonSettings
from harness.wire import names
from harness.wire.boundary.account_page import is_account_page
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import ErrorCode, HiveError, conflict, not_found

ADDRESS_SECONDS = 60.0
CODE_SECONDS = 120.0


@click.command()
@click.argument("name", required=False, shell_complete=complete_agents)
@click.option("--all", "for_all", is_flag=True, help="Log all agents in at once, with a token of your subscription.")
@with_config(*PLACES, "claude_cli", "claude_api_key_file")
def login(config: DaemonSettings, name: str | None, *, for_all: bool) -> None:
    """Log Claude Code in: in one agent, the manager if none is named, or in all.

    Open the address that is printed in any browser, and paste the code from there. Ctrl-C cancels the login.

    With --all `claude setup-token` runs on this machine, and its token becomes a secret of the hive that all agents
    use, those of later too. Without it Claude Code's own login runs in the agent's container, for this agent alone.
    """
    if for_all:
        if name is not None:
            raise click.UsageError("name an agent, or --all")
        _log_all_in(config)
        return
    name = name or names.MANAGER
    with DaemonClient(config.host_socket) as daemon, DaemonClient(config.host_socket) as changes:
        _Login(daemon, changes, name).run()
    click.echo(f"{name} is logged in")


def _log_all_in(config: DaemonSettings) -> None:
    if config.claude_api_key_file is not None:
        message = "the hive has an API key, which comes before a token: all agents use the key"
        raise conflict(message, "take claude_api_key_file out of the settings, and restart the hive")
    DaemonClient(config.host_socket).close()  # no login for nothing

    def ask_code(url: str) -> str:
        _show_address("all agents", url)
        code: str = click.prompt("Code")
        return code

    token = setup_token(find_claude(config.claude_cli), os.environ, ask_code)
    with DaemonClient(config.host_socket) as daemon:
        daemon.request("set_secret", name=OAUTH_TOKEN, value=token)
    click.echo(f"all agents are logged in; the token is the secret {OAUTH_TOKEN}")


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
