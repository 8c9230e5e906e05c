"""Proposing: a commit, a new agent, a destroyed one again, the reverse of a change; and taking a proposal back."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.commands.approvals.self_approval import approved, decide, yes_option
from actors.cli.options import Number, agent_argument, with_daemon
from harness.wire.errors import conflict

id_argument = click.argument("approval_id", metavar="ID", type=Number("hive pending --all"))
description_option = click.option("--description", metavar="TEXT", help="What changes and why; it is shown with it.")


@click.command()
@agent_argument
@click.argument("commit")
@description_option
@with_daemon
def propose(daemon: DaemonClient, name: str, commit: str, description: str | None) -> None:
    """Propose a commit of an agent's configuration, or of a draft.

    COMMIT is 7 to 40 hex digits of a commit in the proposed repository, where the manager commits, too.
    """
    if name in daemon.request("list")["agents"]:
        reply = daemon.request("request_apply_commit", agent=name, commit_ref=commit, description=description)
    else:
        reply = daemon.request("request_spawn_commit", name=name, commit_ref=commit, description=description)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


@click.command()
@id_argument
@with_daemon
def withdraw(daemon: DaemonClient, approval_id: int) -> None:
    """Take back a proposal of yours that waits, or an approved one that is not in force yet.

    A proposal of the manager that waits is denied with `hive deny`, a deployed change is reverted with `hive revert`.
    """
    effect = daemon.request("withdraw", id=approval_id)["effect"]
    click.echo(f"withdrew #{approval_id}: {output.plain(effect)}")


@click.command()
@id_argument
@description_option
@yes_option
@with_daemon
def revert(daemon: DaemonClient, approval_id: int, description: str | None, *, yes: bool) -> None:
    """Take a deployed change back: propose its reverse, and deploy that on a yes.

    What was changed since stays; where later changes are in the same lines, it is refused before anything is proposed.
    """
    preview = daemon.request("undo_preview", id=approval_id)
    if preview["obstacle"] is not None:
        raise conflict(preview["obstacle"], preview["hint"])
    if yes:
        undone = daemon.request("undo", id=approval_id, base_sha=preview["base_sha"], description=description)
        click.echo(approved(undone["approval_id"], undone["behind"]))
        return
    reply = daemon.request("request_revert", id=approval_id, description=description)
    decide(daemon, reply["approval_id"], yes=yes)


@click.command("propose-again")
@id_argument
@with_daemon
def propose_again(daemon: DaemonClient, approval_id: int) -> None:
    """Propose the commit of a denied change once more."""
    reply = daemon.request("request_again", id=approval_id)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


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
