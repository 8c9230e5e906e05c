"""`hive config edit`: change a file of a configuration in an editor; the change goes through the approval queue."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TextIO

import click

from actors.cli.client import DaemonClient
from actors.cli.commands.approvals.self_approval import decide, yes_option
from actors.cli.commands.config.show import config
from actors.cli.options import agent_argument, with_daemon
from actors.cli.output import plain
from harness.wire.errors import ErrorCode, HiveError

CONFIG_FILE = "agent.toml"
MENDABLE = frozenset({ErrorCode.BAD_REQUEST, ErrorCode.FORBIDDEN, ErrorCode.TOO_LARGE})
"""Refusals of what was written: it can be edited again."""


@config.command()
@agent_argument
@click.argument("path", default=CONFIG_FILE)
@click.option(
    "--file", "source", type=click.File(), metavar="FILE", help="Take the text from FILE; - is standard input."
)
@click.option("--remove", is_flag=True, help="Remove the file.")
@click.option("--description", metavar="TEXT", help="What changes and why; the log shows it.")
@yes_option
@with_daemon
def edit(
    daemon: DaemonClient,
    name: str,
    path: str,
    source: TextIO | None,
    description: str | None,
    *,
    remove: bool,
    yes: bool,
) -> None:
    """Edit a file of the configuration in force, look at the difference, and deploy it on a yes.

    PATH is agent.toml if it is not given; a path that does not exist makes a new file. The editor is $VISUAL or
    $EDITOR. The change is a commit of the operator on top of what is in force: proposed, approved and logged like
    every other one.
    """
    before = daemon.request("config_source", name=name, path=path)

    def submit(text: str | None) -> int:
        reply = daemon.request(
            "request_edit", name=name, base_sha=before["sha"], files={path: text}, description=description
        )
        return int(reply["approval_id"])

    if remove and source is not None:
        raise click.UsageError("--remove removes the file, --file gives its text: give one of them")
    if remove or source is not None:
        proposed: int | None = submit(None if source is None else source.read())
    else:
        proposed = _edited(before["text"], path, submit)
    if proposed is None:
        click.echo("nothing was changed")
        return
    decide(daemon, proposed, yes=yes)


def _edited(before: str | None, path: str, submit: Callable[[str], int]) -> int | None:
    """The proposal of what the editor left; None when it left what was there. A refused text can be edited again."""
    text = before or ""
    while True:
        saved = click.edit(text, extension=Path(path).suffix or ".txt")
        if saved is None or saved == before:
            return None
        try:
            return submit(saved)
        except HiveError as refusal:
            if refusal.code not in MENDABLE or not _again(refusal):
                _keep(saved, path, refusal)
            text = saved


def _again(refusal: HiveError) -> bool:
    click.echo(f"Error: {plain(refusal.message)}", err=True)
    if refusal.hint:
        click.echo(f"Try: {plain(refusal.hint)}", err=True)
    try:
        return click.confirm("Edit it again?", default=True)
    except click.Abort:
        return False


def _keep(text: str, path: str, refusal: HiveError) -> NoReturn:
    """Raise the refusal, with the place where the text is that was written for nothing."""
    handle, kept = tempfile.mkstemp(prefix="hive-edit-", suffix=f"-{Path(path).name}")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    raise HiveError(refusal.code, f"{refusal.message}; what you wrote is kept in {kept}", refusal.hint)
