"""A proposal of the operator's own: its review is shown, and the answer approves or withdraws it."""

import click

from actors.cli import review_text
from actors.cli.client import DaemonClient
from actors.cli.pager import page

yes_option = click.option("--yes", is_flag=True, help="Deploy it without asking.")


def decide(daemon: DaemonClient, approval_id: int, *, yes: bool) -> None:
    """Show what the proposal changes, ask, and approve it; a no withdraws it.

    The question is asked on the terminal; where no answer comes (the input has ended) the proposal is withdrawn.
    """
    review = daemon.request("approval_review", id=approval_id)
    if not yes:
        page(review_text.as_text(review))
        try:
            agreed = click.confirm(f"Deploy approval #{approval_id}?")
        except click.Abort:
            agreed = False
            click.echo()
        if not agreed:
            daemon.request("withdraw", id=approval_id)
            click.echo(f"withdrew #{approval_id}; nothing was changed")
            return
    # What is not shown is the operator's own as well; the log of decisions says what it was.
    accepts = [one["part"] for one in review["unshown"]]
    # Without the question nobody was told what it takes back: then the daemon refuses it.
    undoes = [] if yes else [one["id"] for one in review["undoes"]]
    reply = daemon.request(
        "approve",
        id=approval_id,
        sha=review["sha"],
        base_sha=review["base_sha"],
        accepts=accepts or None,
        undoes=undoes or None,
    )
    click.echo(approved(approval_id, reply["behind"]))


def approved(approval_id: int, behind: int | None) -> str:
    """What is said of an approval: whether it is carried out now, or after which one."""
    when = "" if behind is None else f"; it is carried out after #{behind}"
    return f"approved #{approval_id}{when}; `hive pending --all` shows the outcome"
