"""Approvals: the proposals that wait, what each changes, and the decision."""

import sys

import click

from actors.cli import output, review_text
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, json_flag, with_daemon

id_argument = click.argument("approval_id", metavar="ID", type=click.IntRange(min=0))
_COLOURS = {"pending": "yellow", "approved": "green", "denied": "red", "failed": "red", "cancelled": "bright_black"}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option("--all", "every", is_flag=True, help="Also the proposals that were decided.")
@json_flag
@with_daemon
def pending(daemon: DaemonClient, *, every: bool, as_json: bool) -> None:
    """List the proposals that wait for your approval."""
    rows = [row for row in daemon.request("pending")["approvals"] if every or row["status"] == "pending"]
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
        "No proposal waits for you." if not every else "There were no proposals yet.",
    )


@click.command()
@id_argument
@click.option("--accept-unshown", is_flag=True, help="Also accept what `hive diff ID` lists as not shown.")
@click.option("--sha", metavar="COMMIT", help="The commit that you looked at; another one is refused.")
@with_daemon
def approve(daemon: DaemonClient, approval_id: int, sha: str | None, *, accept_unshown: bool) -> None:
    """Approve a proposal; it is deployed at once.

    A proposal of which something is not shown is refused with the list: open the parts with `hive diff ID --part PART`,
    or accept them unseen with --accept-unshown.
    """
    review = daemon.request("approval_review", id=approval_id)
    for line in review_text.unshown(review):
        click.echo(line, err=True)
    accepts = [one["part"] for one in review["unshown"]] if accept_unshown else None
    daemon.request(
        "approve", id=approval_id, sha=sha or review["sha"], base_sha=review["base_sha"], accepts=accepts or None
    )
    click.echo(f"approved #{approval_id}; `hive pending --all` shows the outcome")


@click.command()
@id_argument
@click.option("--note", help="The reason; the manager reads it.")
@with_daemon
def deny(daemon: DaemonClient, approval_id: int, note: str | None) -> None:
    """Deny a proposal."""
    daemon.request("deny", id=approval_id, note=note)
    click.echo(f"denied #{approval_id}")


@click.command()
@id_argument
@click.option(
    "--base",
    type=click.Choice(["running", "approved", "previous"]),
    default="running",
    show_default=True,
    help="What to compare with: the commit in force, the last one approved, the one proposed before.",
)
@click.option("--part", metavar="PART", help="Show one part that is listed as not shown, in full.")
@json_flag
@with_daemon
def diff(daemon: DaemonClient, approval_id: int, base: str, part: str | None, *, as_json: bool) -> None:
    """Show what a proposal changes.

    First agent.toml, then the changes in effect and a list of what is not shown, then every other file.
    """
    if part is not None:
        page(_whole_part(daemon, approval_id, base, part))
        return
    review = daemon.request("approval_review", id=approval_id, base=base)
    if as_json:
        output.print_json({key: value for key, value in review.items() if key not in {"version", "ok"}})
    elif not review["files"]:
        click.echo(f"No file differs from {(review['base_sha'] or 'nothing')[:12]}.")
    else:
        page(review_text.as_text(review))


@click.command("request-spawn")
@agent_argument
@click.option("--description", metavar="TEXT", help="What the agent is for.")
@with_daemon
def request_spawn(daemon: DaemonClient, name: str, description: str | None) -> None:
    """Propose a new agent, as the manager would.

    The proposal holds its first configuration and waits for a decision; `hive spawn` creates an agent at once.
    """
    reply = daemon.request("request_spawn", name=name, description=description)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


@click.command()
@agent_argument
@with_daemon
def revive(daemon: DaemonClient, name: str) -> None:
    """Propose a destroyed agent again, with its kept state."""
    reply = daemon.request("revive", name=name)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


def coloured(text: str) -> str:
    """A diff in the usual colours, without anything that a terminal would obey."""
    return "\n".join(_line(output.plain(line)) for line in text.split("\n"))


def page(text: str) -> None:
    """Print `text` through the pager on a terminal, as it is elsewhere."""
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def _whole_part(daemon: DaemonClient, approval_id: int, base: str, part: str) -> str:
    """The pieces of a part, put together before its lines are coloured."""
    pieces, offset = [], 0
    while True:
        piece = daemon.request("approval_part", id=approval_id, base=base, part=part, offset=offset)
        pieces.append(piece["text"])
        if piece["next_offset"] is None:
            return review_text.lines_of("".join(pieces)) + "\n"
        offset = piece["next_offset"]


def _line(line: str) -> str:
    if line.startswith(("diff ", "+++ ", "--- ")):
        return click.style(line, bold=True)
    return click.style(line, fg=_LINES.get(line[:1]))
