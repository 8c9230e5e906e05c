"""`hive secret`: values that agents use, kept out of configurations, diffs and logs."""

import sys

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import bad_request

SHORT = 6
"""A value of fewer characters is not taken out of outputs: it occurs in texts that have nothing to do with it."""


@click.group()
def secret() -> None:
    """Manage secrets: values that agents use and nobody reads again.

    A configuration names one as "secret:NAME", in `env` and in the `env` of an MCP server.
    """


@secret.command(name="set")
@click.argument("name")
@with_daemon
def set_(daemon: DaemonClient, name: str) -> None:
    """Store a value: of the standard input, or asked for without echo.

    One line break at the end is cut. A value that is there is replaced; agents have the new one from their next start.
    """
    value = _value(name)
    if not value:
        raise bad_request("expected a value, got nothing", f"hive secret set {name} < FILE")
    used_by = daemon.request("set_secret", name=name, value=value)["used_by"]
    click.echo(f"stored secret {name}")
    if len(value) < SHORT:
        click.echo(f"Warning: a value of fewer than {SHORT} characters is not taken out of outputs", err=True)
    if name == OAUTH_TOKEN:
        click.echo("used by every agent from now on, unless claude_api_key_file is set")
    elif used_by:
        click.echo(f"used by {', '.join(used_by)}: from the next start, `hive restart NAME`")


@secret.command(name="list")
@json_flag
@with_daemon
def list_(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the names of the secrets, and who uses each; never a value."""
    reply = daemon.request("secrets")
    if as_json:
        output.print_json({key: reply[key] for key in ("secrets", "missing")})
        return
    rows = [
        (row["name"], f"{row['size']} B", output.clock(row["updated_at"]), ", ".join(row["used_by"]) or "-")
        for row in reply["secrets"]
    ]
    output.print_table(rows, ("SECRET", "SIZE", "UPDATED", "USED BY"), "There are no secrets.")
    for name, who in reply["missing"].items():
        click.echo(f"Missing: {output.plain(name)}, used by {', '.join(who)}: `hive secret set NAME`", err=True)


@secret.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Delete it even though something refers to it.")
@with_daemon
def delete(daemon: DaemonClient, name: str, *, force: bool) -> None:
    """Delete a secret; refused while a configuration in force refers to it."""
    daemon.request("delete_secret", name=name, force=force)
    click.echo(f"deleted secret {name}")


def _value(name: str) -> str:
    if sys.stdin.isatty():
        entered: str = click.prompt(f"Value of {name}", hide_input=True, default="", show_default=False)
        return entered
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise bad_request("expected a text in UTF-8", "encode a binary value, with base64 for example") from None
    return text.removesuffix("\n").removesuffix("\r")
