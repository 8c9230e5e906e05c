"""`hive search`: what was said, done, asked and decided."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import count_option, json_flag, with_daemon

PAGE = 100


@click.command()
@click.argument("query", nargs=-1, required=True)
@count_option(20, "hits")
@click.option("--before", metavar="CURSOR", help="Go on below this place: the `next` of the page before.")
@json_flag
@with_daemon
def search(daemon: DaemonClient, query: tuple[str, ...], limit: int, *, before: str | None, as_json: bool) -> None:
    """Search messages, turns, questions and decisions; newest first.

    QUERY is words, "a phrase", word*, -word (after --), and filters: from: to: agent: in: before: after:.
    """
    text = " ".join(query)
    reply = daemon.request("search", query=text, limit=min(limit, PAGE), before=before)
    hits = reply["hits"]
    while len(hits) < limit and reply["next"]:
        more = daemon.request("search", query=text, limit=min(limit - len(hits), PAGE), before=reply["next"])
        hits, reply = hits + more["hits"], reply | {"next": more["next"]}
    if as_json:
        output.print_json({**reply, "hits": hits})
        return
    for hit in hits:
        _print(hit)
    click.echo(_summary(len(hits), reply))


def _print(hit: dict[str, Any]) -> None:
    if hit.get("sender") and hit.get("recipient"):
        who = f"{hit['sender']} → {hit['recipient']}"
    else:
        who = " ".join(one for one in (hit.get("sender"), hit.get("agent")) if one)
    head = f"{output.plain(hit['kind'])} #{hit['id']} {output.clock(hit['at'])}"
    parts = [(output.plain(part["text"]), part["hit"]) for part in hit["snippet"]]
    text = "".join(click.style(one, bold=True, underline=True) if marked else one for one, marked in parts)
    body = "\n".join(f"    {line}" for line in text.splitlines() if line.strip())
    click.echo(f"{head} {click.style(output.plain(who), bold=True)}\n{body}")


def _summary(shown: int, reply: dict[str, Any]) -> str:
    total = f"more than {reply['total']:,}" if reply["more_than_total"] else f"{reply['total']:,}"
    found = f"{shown} of {total} hits" if shown else "Nothing matches."
    if reply["next"]:
        found += f"; older ones: --before {reply['next']}"
    if reply["not_indexed"]:
        found += f"\n{reply['not_indexed']:,} newer or older rows are not in the index yet"
    return found
