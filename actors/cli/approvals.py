"""Approvals: what waits, what it changes, yes or no."""

import sys

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import agent_argument, json_flag, with_host

id_argument = click.argument("approval_id", metavar="ID", type=click.IntRange(min=0))
_COLOURS = {"pending": "yellow", "approved": "green", "denied": "red", "failed": "red", "cancelled": "bright_black"}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option("--all", "every", is_flag=True, help="Also what was decided already.")
@json_flag
@with_host
def pending(host: HostClient, *, every: bool, as_json: bool) -> None:
    """Show what waits for your approval."""
    rows = [row for row in host.request("pending")["approvals"] if every or row["status"] == "pending"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                f"#{row['id']}",
                click.style(row["status"], fg=_COLOURS.get(row["status"])),
                row["kind"],
                output.one_line(row["agent"], 32),
                (row["sha"] or "-")[:12],
                output.clock(row["requested_at"]),
                output.one_line(row["note"] or row["description"] or "", 60),
            )
            for row in rows
        ],
        ("ID", "STATUS", "KIND", "AGENT", "COMMIT", "ASKED", "ABOUT"),
        "Nothing waits for you." if not every else "Nothing was ever asked.",
    )


@click.command()
@id_argument
@with_host
def approve(host: HostClient, approval_id: int) -> None:
    """Approve a proposal; it is carried out at once."""
    host.request("approve", id=approval_id)
    click.echo(f"approved #{approval_id}; `hive pending --all` shows how it ends")


@click.command()
@id_argument
@click.option("--note", help="Why; the manager reads it.")
@with_host
def deny(host: HostClient, approval_id: int, note: str | None) -> None:
    """Deny a proposal."""
    host.request("deny", id=approval_id, note=note)
    click.echo(f"denied #{approval_id}")


@click.command()
@id_argument
@click.option(
    "--base",
    type=click.Choice(["running", "approved", "previous"]),
    default="running",
    show_default=True,
    help="What to compare with: what is in force, the last one approved, the one proposed before.",
)
@json_flag
@with_host
def diff(host: HostClient, approval_id: int, base: str, *, as_json: bool) -> None:
    """Show what a proposal changes."""
    reply = host.request("approval_diff", id=approval_id, base=base)
    if as_json:
        output.print_json({key: reply[key] for key in ("diff", "base_sha", "sha")})
    elif not reply["diff"]:
        click.echo(f"The same as {(reply['base_sha'] or 'nothing')[:12]}: it changes no file.")
    else:
        page(coloured(reply["diff"]))


@click.command("request-spawn")
@agent_argument
@click.option("--description", metavar="TEXT", help="What it is for.")
@with_host
def request_spawn(host: HostClient, name: str, description: str | None) -> None:
    """Put a new agent before yourself, as the manager would.

    It waits as a proposal with its first configuration; `hive spawn` creates one at once.
    """
    reply = host.request("request_spawn", name=name, description=description)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


@click.command()
@agent_argument
@with_host
def revive(host: HostClient, name: str) -> None:
    """Propose a destroyed agent again, with what is kept of it."""
    reply = host.request("revive", name=name)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


def coloured(text: str) -> str:
    """A diff in the usual colours; nothing in it is obeyed by the terminal."""
    return "\n".join(_line(output.plain(line)) for line in text.split("\n"))


def page(text: str) -> None:
    """Through the pager where somebody looks, as it is where somebody reads it otherwise."""
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def _line(line: str) -> str:
    if line.startswith(("diff ", "+++ ", "--- ")):
        return click.style(line, bold=True)
    return click.style(line, fg=_LINES.get(line[:1]))
