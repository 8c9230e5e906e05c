"""Messages: send one, read those to the operator, watch all of them."""

import sys
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, Number, complete_agents, count_option, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import not_found
from harness.wire.names import broker_name

limit_option = count_option(20, "messages")


@click.command()
@click.argument("to", shell_complete=complete_agents)
@click.argument("body")
@click.option("--in-reply-to", type=int, metavar="ID", help="The message this one answers.")
@with_daemon
def send(daemon: DaemonClient, to: str, body: str, in_reply_to: int | None) -> None:
    """Send a message as the operator.

    TO is an agent, manager, or * for all agents. BODY is the text; - reads it from the standard input.
    """
    _send(daemon, to, body, in_reply_to)


@click.command()
@click.argument("message_id", metavar="ID", type=Number("hive inbox"))
@click.argument("body")
@with_daemon
def reply(daemon: DaemonClient, message_id: int, body: str) -> None:
    """Answer a message: send one to its sender.

    ID is its number, as `hive inbox` shows it. BODY is the text; - reads it from the standard input.
    """
    found = daemon.request("messages", limit=1, before=message_id + 1)["messages"]
    if not found or found[0]["id"] != message_id:
        raise not_found(f"message #{message_id}", "`hive inbox` and `hive messages` show the numbers")
    _send(daemon, found[0]["from"], body, message_id)


@click.command()
@limit_option
@click.option("--unread", is_flag=True, help="Only what is not marked as read.")
@click.option("--from", "sender", metavar="NAME", shell_complete=complete_agents, help="Only from this sender.")
@json_flag
@with_daemon
def inbox(daemon: DaemonClient, limit: int, *, unread: bool, sender: str | None, as_json: bool) -> None:
    """Show the messages to the operator; a dot marks what is unread."""
    rows = daemon.newest("inbox", "messages", limit, unread=unread, sender=sender)
    _print(rows, "There are no unread messages." if unread else "There are no messages to you yet.", as_json=as_json)
    if rows and not as_json:
        counts = daemon.request("inbox", limit=1, sender=sender)
        click.echo(f"{len(rows)} of {counts['total']} messages, {counts['unread']} of them unread")


@click.command()
@click.argument("ids", metavar="[ID]...", type=Number("hive inbox"), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that has come so far.")
@click.option("--from", "sender", metavar="NAME", shell_complete=complete_agents, help="With --all: of this sender.")
@with_daemon
def read(daemon: DaemonClient, ids: tuple[int, ...], *, everything: bool, sender: str | None) -> None:
    """Mark messages to the operator as read.

    ID is the number of one, as `hive inbox` shows it.
    """
    if bool(ids) == everything:
        raise click.UsageError("give the numbers of messages, or --all")
    if sender is not None and not everything:
        raise click.UsageError("--from goes with --all")
    if everything:
        newest = daemon.request("inbox", limit=1)["messages"]
        done = daemon.request("mark_read", up_to=newest[-1]["id"], sender=sender)["marked"] if newest else 0
    else:
        done = daemon.request("mark_read", ids=list(ids))["marked"]
    others = len(set(ids)) - done if ids else 0
    more = f"; the other {others}: read before, or not in your inbox" if others else ""
    click.echo(f"marked {done} as read{more}")


@click.command()
@limit_option
@click.option("-f", "--follow", is_flag=True, help="Go on with new messages.")
@click.option("--of", "party", metavar="NAME", shell_complete=complete_agents, help="Only what this name sent or got.")
@click.option("--undelivered", is_flag=True, help="Only what its recipient never got before it ended.")
@json_flag
@with_config(*PLACES)
def messages(
    config: DaemonSettings, limit: int, *, follow: bool, party: str | None, undelivered: bool, as_json: bool
) -> None:
    """Show who sent what to whom."""
    if undelivered and (follow or party):
        raise click.UsageError("--undelivered shows what everybody never got: give it alone")
    with DaemonClient(config.host_socket) as daemon:
        if undelivered:
            rows = daemon.newest("messages", "messages", limit, undelivered=True)
            _print(rows, "Every message was delivered, or waits for an agent that exists.", as_json=as_json)
            return
        if not follow:
            rows = daemon.newest("messages", "messages", limit, party=party)
            _print(rows, "There are no messages yet.", as_json=as_json)
            return
        # Subscribed before the past is read, so that no message falls between the two; duplicates have known ids.
        daemon.request("events")
        with DaemonClient(config.host_socket) as reader:
            past = reader.newest("messages", "messages", limit, party=party)
        newest = max((message["id"] for message in past), default=-1)
        for message in past:
            _print_one(message, as_json=as_json)
        for event in daemon.frames():
            if event["kind"] == "message" and event["data"]["id"] > newest and _concerns(event["data"], party):
                _print_one(event["data"], as_json=as_json)


def _concerns(message: dict[str, Any], party: str | None) -> bool:
    """Whether that name has sent the message, or got it."""
    return party is None or broker_name(party) in (broker_name(message["from"]), broker_name(message["to"]))


def _send(daemon: DaemonClient, to: str, body: str, in_reply_to: int | None) -> None:
    text = sys.stdin.read() if body == "-" else body
    sent = daemon.request("send", to=to, body=text, in_reply_to=in_reply_to)
    ids = sent.get("ids") or [sent["id"]]
    click.echo(f"sent {', '.join(f'#{number}' for number in ids)} to {', '.join(sent.get('recipients') or [to])}")


def headline(message: dict[str, Any]) -> str:
    """`#12 14:03:22 alice → manager`, and in brackets the message it answers, `to all` and its kind."""
    marks = [f"re #{message['in_reply_to']}"] if message.get("in_reply_to") else []
    marks += ["to all"] if message.get("broadcast") else []
    marks += ["never delivered"] if message.get("undelivered") else []
    marks += [message["kind"]] if message.get("kind", "message") != "message" else []
    dot = "● " if message["to"] == "operator" and not message.get("read_at") else ""
    route = f"{click.style(output.plain(message['from']), bold=True)} → {output.plain(message['to'])}"
    return f"{dot}#{message['id']} {output.clock(message['sent_at'])} {route}" + (
        f" ({', '.join(marks)})" if marks else ""
    )


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
