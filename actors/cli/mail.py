"""Messages: send one, read the operator's own, watch all of them flow."""

import sys
from typing import Any

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import PLACES, complete_agents, json_flag, with_config, with_host
from actors.config import HostConfig
from harness.wire.limits import MAX_ROWS

limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, MAX_ROWS), default=20, show_default=True, help="How many."
)


@click.command()
@click.argument("to", shell_complete=complete_agents)
@click.argument("body")
@click.option("--in-reply-to", type=int, metavar="ID", help="The message this one answers.")
@with_host
def send(host: HostClient, to: str, body: str, in_reply_to: int | None) -> None:
    """Send a message as the operator.

    TO is an agent, manager, or * for everybody. BODY is the text; - reads it from the standard input.
    """
    text = sys.stdin.read() if body == "-" else body
    reply = host.request("send", to=to, body=text, in_reply_to=in_reply_to)
    ids = reply.get("ids") or [reply["id"]]
    click.echo(f"sent {', '.join(f'#{number}' for number in ids)} to {', '.join(reply.get('recipients') or [to])}")


@click.command()
@limit_option
@json_flag
@with_host
def inbox(host: HostClient, limit: int, *, as_json: bool) -> None:
    """Show what was sent to the operator."""
    _print(host.request("inbox", limit=limit)["messages"], "Nobody has written to you yet.", as_json=as_json)


@click.command()
@limit_option
@click.option("-f", "--follow", is_flag=True, help="Go on with those that come.")
@json_flag
@with_config(*PLACES)
def messages(config: HostConfig, limit: int, *, follow: bool, as_json: bool) -> None:
    """Show who sent what to whom."""
    with HostClient(config.host_socket) as host:
        if not follow:
            _print(host.request("messages", limit=limit)["messages"], "Nothing was sent yet.", as_json=as_json)
            return
        # Subscribed before the look back, so that no message falls between the two; doubles are told by their id.
        host.request("events")
        with HostClient(config.host_socket) as reader:
            past = reader.request("messages", limit=limit)["messages"]
        seen = max((message["id"] for message in past), default=-1)
        for message in past:
            _print_one(message, as_json=as_json)
        for event in host.frames():
            if event["kind"] == "message" and event["data"]["id"] > seen:
                _print_one(event["data"], as_json=as_json)


def headline(message: dict[str, Any]) -> str:
    """`#12 14:03:22 alice → manager`, with what is special about it."""
    marks = [f"re #{message['in_reply_to']}"] if message.get("in_reply_to") else []
    marks += ["to all"] if message.get("broadcast") else []
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
