"""`hive comment`: drafts of comments on the lines of a proposal, and the option that sends comments with a decision."""

import re
from typing import Any

import click

from actors.cli.client import DaemonClient
from actors.cli.options import Number, with_daemon

_PLACE = re.compile(r"(?P<path>.+?):(?P<old>-?)(?P<line>[0-9]{0,9}):(?P<text>.+)", re.DOTALL)
_FORM = "FILE:LINE:TEXT; FILE:-LINE:TEXT for a line that is removed, FILE::TEXT for the whole file"


class CommentOnLine(click.ParamType[dict[str, Any]]):
    """`FILE:LINE:TEXT`, as the wire has it."""

    name = "FILE:LINE:TEXT"

    def convert(
        self, value: str | dict[str, Any], param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """The comment; fails with the form."""
        if isinstance(value, dict):
            return value
        found = _PLACE.fullmatch(value)
        if found is None or (found["old"] and not found["line"]) or found["line"].strip("0") == "" != found["line"]:
            self.fail(f"{value[:80]!r} is no comment on a line: {_FORM}", param, ctx)
        placed = {"path": found["path"], "side": "old" if found["old"] else "new", "text": found["text"]}
        return placed | ({"line": int(found["line"])} if found["line"] else {})


ON_LINE = CommentOnLine()
id_argument = click.argument("approval_id", metavar="ID", type=Number("hive pending"))
number_argument = click.argument("comment_id", metavar="COMMENT", type=Number("hive diff ID"))
comments_option = click.option(
    "--comment", "comments", multiple=True, type=ON_LINE, help=f"A comment on a line, any number of them: {_FORM}."
)


@click.group()
def comment() -> None:
    """Comment on the lines of a proposal; the drafts go to the manager with your decision."""


@comment.command()
@id_argument
@click.argument("comments", metavar="FILE:LINE:TEXT...", nargs=-1, required=True, type=ON_LINE)
@with_daemon
def add(daemon: DaemonClient, approval_id: int, comments: tuple[dict[str, Any], ...]) -> None:
    """Keep comments on lines of a proposal, as drafts.

    FILE:LINE:TEXT, where LINE is of the new file; FILE:-LINE:TEXT for a line that is removed, FILE::TEXT for the whole
    file. `hive diff ID` shows the numbers.
    """
    for one in comments:
        reply = daemon.request("comment", id=approval_id, comment=one)
        click.echo(f"comment {reply['comment_id']} on #{approval_id} is a draft; your decision sends it")


@comment.command()
@id_argument
@number_argument
@click.argument("text")
@with_daemon
def edit(daemon: DaemonClient, approval_id: int, comment_id: int, text: str) -> None:
    """Give a draft other words."""
    daemon.request("edit_comment", id=approval_id, comment_id=comment_id, text=text)
    click.echo(f"changed comment {comment_id}")


@comment.command()
@id_argument
@number_argument
@with_daemon
def drop(daemon: DaemonClient, approval_id: int, comment_id: int) -> None:
    """Drop a draft."""
    daemon.request("drop_comment", id=approval_id, comment_id=comment_id)
    click.echo(f"dropped comment {comment_id}")
