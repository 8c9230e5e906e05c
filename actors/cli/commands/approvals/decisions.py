"""Approvals: the proposals that wait, what each changes, and the decision."""

import sys
from typing import Any

import click

from actors.cli import output, review_lines, review_text
from actors.cli.client import DaemonClient
from actors.cli.commands.approvals.comments import comments_option
from actors.cli.commands.approvals.self_approval import approved
from actors.cli.options import Number, json_flag, with_daemon
from actors.cli.pager import page
from harness.wire.visible import visible

id_argument = click.argument("approval_id", metavar="ID", type=Number("hive pending"))
_COLOURS = {"pending": "yellow", "approved": "green", "denied": "red", "failed": "red", "cancelled": "bright_black"}


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
                click.style("queued" if row["queued"] else row["status"], fg=_COLOURS.get(row["status"])),
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
@click.option("--undo", is_flag=True, help="Approve it also if it takes back what was approved before.")
@click.option("--sha", metavar="COMMIT", help="The commit that you looked at; another one is refused.")
@click.option("--note", metavar="TEXT", help="Why; it stands in the log of decisions, and the manager reads it.")
@comments_option
@with_daemon
def approve(
    daemon: DaemonClient,
    approval_id: int,
    sha: str | None,
    note: str | None,
    comments: tuple[dict[str, Any], ...],
    *,
    accept_unshown: bool,
    undo: bool,
) -> None:
    """Approve a proposal; it is deployed at once, or after those of its agent that were approved before.

    A proposal of which something is not shown is refused with the list: open the parts with `hive diff ID --part PART`,
    or accept them unseen with --accept-unshown. One that was made without a change that you approved meanwhile, and
    would take it back, is refused unless you confirm that. Comments go to the manager, with those that you kept as
    drafts.
    """
    review = daemon.request("approval_review", id=approval_id)
    for line in [*review_text.undoes(review), *review_text.unshown(review)]:
        click.echo(line, err=True)
    if review["undoes"] and not undo and sys.stdin.isatty():
        undo = click.confirm("Approve it all the same?", err=True, abort=True)
    reply = daemon.request(
        "approve",
        id=approval_id,
        sha=sha or review["sha"],
        base_sha=review["base_sha"],
        accepts=[one["part"] for one in review["unshown"]] or None if accept_unshown else None,
        undoes=[one["id"] for one in review["undoes"]] or None if undo else None,
        note=note,
        comments=list(comments) or None,
    )
    click.echo(approved(approval_id, reply["behind"]))


@click.command()
@id_argument
@click.option("--note", help="The reason; the manager reads it.")
@comments_option
@with_daemon
def deny(daemon: DaemonClient, approval_id: int, note: str | None, comments: tuple[dict[str, Any], ...]) -> None:
    """Deny a proposal.

    Comments on lines go to the manager with the denial, and so do those that you kept as drafts (`hive comment`).
    """
    daemon.request("deny", id=approval_id, note=note, comments=list(comments) or None)
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

    First agent.toml, then the changes in effect and a list of what is not shown, then every other file. Comments stand
    below their lines: drafts, those that went with the decision, and those of the denial before it.
    """
    if part is not None:
        page(_whole_part(daemon, approval_id, base, part))
        return
    review = daemon.request("approval_review", id=approval_id, base=base)
    notes = daemon.request("approval_notes", id=approval_id, base=base)
    if as_json:
        noted = {key: notes[key] for key in ("comments", "earlier", "viewed", "decision")}
        output.print_json({key: value for key, value in review.items() if key not in {"version", "ok"}} | noted)
    elif not review["files"] and not notes["comments"]:
        click.echo(f"No file differs from {(review['base_sha'] or 'nothing')[:12]}.")
    else:
        page(review_text.as_text(review, notes))


def _whole_part(daemon: DaemonClient, approval_id: int, base: str, part: str) -> str:
    """The pieces of a part, put together before its lines are coloured."""
    pieces, offset = [], 0
    while True:
        piece = daemon.request("approval_part", id=approval_id, base=base, part=part, offset=offset)
        pieces.append(piece["text"])
        if piece["next_offset"] is None:
            whole = "".join(pieces)
            return "\n".join(review_lines.of_file(whole) if piece["marked"] else [visible(whole)]) + "\n"
        offset = piece["next_offset"]
