"""`hive why`, `hive effects`, `hive thread`: what led to something, what came of it, and a whole conversation."""

import click

from actors.cli import cause_text, output
from actors.cli.client import DaemonClient
from actors.cli.commands.mail.messages import headline
from actors.cli.options import count_option, json_flag, with_daemon
from harness.wire.limits import MAX_ROWS


@click.command()
@click.argument("name")
@json_flag
@with_daemon
def why(daemon: DaemonClient, name: str, *, as_json: bool) -> None:
    """Show what led to something, back to where it began.

    NAME is message:12, turn:alice/5, approval:3, question:2 or reminder:4.
    """
    _show(daemon, "why", name, as_json=as_json)


@click.command()
@click.argument("name")
@json_flag
@with_daemon
def effects(daemon: DaemonClient, name: str, *, as_json: bool) -> None:
    """Show what came of something, and what that cost.

    NAME is message:12, turn:alice/5, approval:3, question:2 or reminder:4.
    """
    _show(daemon, "effects", name, as_json=as_json)


@click.command()
@click.argument("message_id", metavar="ID", type=click.IntRange(min=0))
@count_option(50, "messages")
@json_flag
@with_daemon
def thread(daemon: DaemonClient, message_id: int, limit: int, *, as_json: bool) -> None:
    """Show the conversation that a message belongs to, with its turns and its cost.

    ID is the number of any message of it.
    """
    reply = daemon.request("thread", id=message_id, limit=min(limit, MAX_ROWS))
    while len(reply["messages"]) < min(limit, reply["total"]):
        left, first = limit - len(reply["messages"]), reply["messages"][0]["id"]
        older = daemon.request("thread", id=message_id, limit=min(left, MAX_ROWS), before=first)
        if not older["messages"]:
            break
        reply |= {key: older[key] + reply[key] for key in ("messages", "rows")}
    if as_json:
        output.print_json(reply)
        return
    if reply["total"] > len(reply["messages"]):
        click.echo(f"the newest {len(reply['messages'])} of {reply['total']} messages")
    entries = [(one["sent_at"], headline(one), one["body"]) for one in reply["messages"]]
    entries += [(one["at"] or "", "  " + cause_text.line(one), "") for one in reply["rows"]]
    for _at, head, body in sorted(entries, key=lambda entry: entry[0]):
        click.echo(head)
        for text in output.plain(body).splitlines():
            click.echo(f"    {text}")
    click.echo(cause_text.cost(reply["cost"]))


def _show(daemon: DaemonClient, verb: str, name: str, *, as_json: bool) -> None:
    reply = daemon.request(verb, name=name)
    if as_json:
        output.print_json(reply)
        return
    for text in cause_text.tree(reply["rows"]):
        click.echo(text)
    if reply["omitted"]:
        click.echo(f"{reply['omitted']} rows do not fit into one reply")
    click.echo(cause_text.cost(reply["cost"]))
