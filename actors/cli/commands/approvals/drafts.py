"""`hive draft`: agents that are prepared and not spawned."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon
from harness.wire.errors import not_found

name_argument = click.argument("name")


@click.group()
def draft() -> None:
    """Manage drafts: agents that are prepared and not spawned."""


@draft.command("list")
@json_flag
@with_daemon
def listing(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the drafts."""
    rows = daemon.request("drafts")["rows"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                click.style(output.plain(row["name"]), bold=True),
                "-" if row["approval_id"] is None else f"#{row['approval_id']}",
                output.plain(row["config_path"]),
                output.plain(row["state_path"]),
            )
            for row in rows
        ],
        ("DRAFT", "WAITS AS", "CONFIGURATION", "NOTES"),
        "There are no drafts.",
    )


@draft.command()
@name_argument
@with_daemon
def make(daemon: DaemonClient, name: str) -> None:
    """Prepare an agent: make its configuration repository and the folder of its notes.

    Nothing is started. `hive propose NAME COMMIT` proposes to create it.
    """
    reply = daemon.request("request_spawn_draft", name=name)
    click.echo(
        f"configuration  {output.plain(reply['config_path'])}\nnotes          {output.plain(reply['state_path'])}"
    )


@draft.command()
@name_argument
@click.option("--yes", is_flag=True, help="Discard without asking.")
@with_daemon
def discard(daemon: DaemonClient, name: str, *, yes: bool) -> None:
    """Discard a draft: delete its configuration repository and its notes."""
    if not yes and name not in {row["name"] for row in daemon.request("drafts")["rows"]}:
        raise not_found(f"draft {name!r}", "`hive draft list` lists them")
    if not yes:
        click.confirm(f"Delete the configuration and the notes of the draft {name}?", abort=True)
    daemon.request("discard_draft", name=name)
    click.echo(f"discarded the draft {name}")
