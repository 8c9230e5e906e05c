"""Messages: send one, read those to the operator, watch all of them, decide on those that were set aside."""

import sys
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, complete_agents, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings
from harness.wire.limits import DEFAULT_ROWS, MAX_ROWS, SET_ASIDE_AFTER

limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, MAX_ROWS), default=20, show_default=True, help="How many messages."
)


@click.command()
@click.argument("to", shell_complete=complete_agents)
@click.argument("body")
@click.option("--in-reply-to", type=int, metavar="ID", help="The message this one answers.")
@with_daemon
def send(daemon: DaemonClient, to: str, body: str, in_reply_to: int | None) -> None:
    """Send a message as the operator.

    TO is an agent, manager, or * for all agents. BODY is the text; - reads it from the standard input.
    """
    text = sys.stdin.read() if body == "-" else body
    reply = daemon.request("send", to=to, body=text, in_reply_to=in_reply_to)
    ids = reply.get("ids") or [reply["id"]]
    click.echo(f"sent {', '.join(f'#{number}' for number in ids)} to {', '.join(reply.get('recipients') or [to])}")


@click.command()
@limit_option
@json_flag
@with_daemon
def inbox(daemon: DaemonClient, limit: int, *, as_json: bool) -> None:
    """Show the messages to the operator."""
    _print(daemon.request("inbox", limit=limit)["messages"], "There are no messages to you yet.", as_json=as_json)


@click.command()
@limit_option
@click.option("-f", "--follow", is_flag=True, help="Go on with new messages.")
@click.option("--undelivered", is_flag=True, help="Only what its recipient never got before it ended.")
@json_flag
@with_config(*PLACES)
def messages(config: DaemonSettings, limit: int, *, follow: bool, undelivered: bool, as_json: bool) -> None:
    """Show who sent what to whom."""
    if follow and undelivered:
        raise click.UsageError("--follow shows new messages, --undelivered those of the past: give one of them")
    with DaemonClient(config.host_socket) as daemon:
        if undelivered:
            rows = daemon.request("messages", limit=limit, undelivered=True)["messages"]
            _print(rows, "Every message was delivered, or waits for an agent that exists.", as_json=as_json)
            return
        if not follow:
            _print(daemon.request("messages", limit=limit)["messages"], "There are no messages yet.", as_json=as_json)
            return
        # Subscribed before the past is read, so that no message falls between the two; duplicates have known ids.
        daemon.request("events")
        with DaemonClient(config.host_socket) as reader:
            past = reader.request("messages", limit=limit)["messages"]
        newest = max((message["id"] for message in past), default=-1)
        for message in past:
            _print_one(message, as_json=as_json)
        for event in daemon.frames():
            if event["kind"] == "message" and event["data"]["id"] > newest:
                _print_one(event["data"], as_json=as_json)


def headline(message: dict[str, Any]) -> str:
    """`#12 14:03:22 alice → manager`, and in brackets the message it answers, `to all` and its kind."""
    marks = [f"re #{message['in_reply_to']}"] if message.get("in_reply_to") else []
    marks += ["to all"] if message.get("broadcast") else []
    marks += ["never delivered"] if message.get("undelivered") else []
    marks += [message["kind"]] if message.get("kind", "message") != "message" else []
    route = f"{click.style(output.plain(message['from']), bold=True)} → {output.plain(message['to'])}"
    return f"#{message['id']} {output.clock(message['sent_at'])} {route}" + (f" ({', '.join(marks)})" if marks else "")


def _print(rows: list[dict[str, Any]], empty: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json(rows)
        return
    for message in rows:
        _print_one(message, as_json=False)
    if not rows:
        click.echo(empty)


def _print_one(message: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.print_json_line(message)
        return
    body = "\n".join(f"    {line}" for line in output.plain(message["body"]).splitlines())
    click.echo(f"{headline(message)}\n{body}")


id_argument = click.argument("message_id", metavar="ID", type=click.IntRange(min=0))


@click.group(help=f"Act on dead letters: messages that were set aside after {SET_ASIDE_AFTER} failed tries.")
def dead() -> None:
    pass


@dead.command("list")
@click.option(
    "-n", "limit", default=DEFAULT_ROWS, show_default=True, type=click.IntRange(1, MAX_ROWS), help="How many."
)
@json_flag
@with_daemon
def listing(daemon: DaemonClient, limit: int, *, as_json: bool) -> None:
    """List the newest dead letters, newest last."""
    rows = daemon.request("dead_letters", limit=limit)["dead_letters"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                f"#{row['id']}",
                output.plain(row["from"]),
                output.plain(row["to"]),
                output.clock(row["set_aside_at"]),
                str(row["attempts"]),
                output.one_line(row["body"], 50),
                click.style(output.one_line(row["reason"], 60), fg="red"),
            )
            for row in rows
        ],
        ("ID", "FROM", "TO", "SET ASIDE", "TRIES", "MESSAGE", "ERROR"),
        "There are no dead letters.",
    )


@dead.command()
@id_argument
@json_flag
@with_daemon
def show(daemon: DaemonClient, message_id: int, *, as_json: bool) -> None:
    """Show one dead letter: the whole message, and why its last try failed."""
    row = _find(daemon, message_id)
    if as_json:
        output.print_json(row)
        return
    click.echo(
        f"#{row['id']} from {output.plain(row['from'])} to {output.plain(row['to'])}, {output.clock(row['sent_at'])}"
    )
    click.echo(f"{row['attempts']} tries failed, the last one because of:")
    click.secho(output.plain(row["reason"]), fg="red")
    click.echo(f"\n{output.plain(row['body'])}")


@dead.command()
@id_argument
@with_daemon
def retry(daemon: DaemonClient, message_id: int) -> None:
    """Offer a dead letter to its recipient again, with all tries ahead of it."""
    daemon.request("retry_dead_letter", id=message_id)
    click.echo(f"message #{message_id} is offered again")


@dead.command()
@id_argument
@with_daemon
def drop(daemon: DaemonClient, message_id: int) -> None:
    """Give a dead letter up. The message stays readable for as long as other mail does."""
    daemon.request("drop_dead_letter", id=message_id)
    click.echo(f"dropped message #{message_id}")


def _find(daemon: DaemonClient, message_id: int) -> dict[str, Any]:
    """The dead letter with this id: the newest below the next id."""
    rows = daemon.request("dead_letters", limit=1, before=message_id + 1)["dead_letters"]
    if rows and rows[0]["id"] == message_id:
        row: dict[str, Any] = rows[0]
        return row
    raise click.ClickException(f"there is no dead letter #{message_id}; `hive dead list` shows them")
