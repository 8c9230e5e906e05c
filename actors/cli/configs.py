"""The configuration of an agent as the host has it: what is in force, its history, its tags."""

import click

from actors.cli import output
from actors.cli.approvals import coloured, page
from actors.cli.client import HostClient
from actors.cli.flags import agent_argument, json_flag, with_host

ref_option = click.option("--ref", metavar="REF", help="A commit, or a tag such as deployed/3; without it, main.")
limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many."
)


@click.command()
@agent_argument
@click.argument("path", required=False)
@ref_option
@with_host
def agent(host: HostClient, name: str, path: str | None, ref: str | None) -> None:
    """Show the configuration of an agent, or another file beside it."""
    reply = (
        host.request("agent_config", name=name, ref=ref)
        if path is None
        else host.request("config_file", name=name, ref=ref, path=path)
    )
    click.echo(output.plain(reply["text"]), nl=False)


@click.command()
@agent_argument
@ref_option
@limit_option
@json_flag
@with_host
def log(host: HostClient, name: str, ref: str | None, limit: int, *, as_json: bool) -> None:
    """Show the commits of an agent's configuration."""
    rows = host.request("config_log", name=name, ref=ref, limit=limit)["rows"]
    if as_json:
        output.print_json(rows)
        return
    cells = [
        (
            row["sha"][:12],
            "-" if row["at"] is None else output.clock(row["at"]),
            output.one_line(row["author"], 20),
            output.one_line(row["subject"]),
        )
        for row in rows
    ]
    output.print_table(cells, ("COMMIT", "AT", "BY", "SUBJECT"), "No commit yet.")


@click.command()
@agent_argument
@limit_option
@json_flag
@with_host
def tags(host: HostClient, name: str, limit: int, *, as_json: bool) -> None:
    """Show what was proposed, approved, deployed, denied and failed."""
    rows = host.request("config_tags", name=name, limit=limit)["rows"]
    if as_json:
        output.print_json(rows)
        return
    cells = [(row["tag"], row["sha"][:12], output.one_line(row["note"] or "")) for row in rows]
    output.print_table(cells, ("TAG", "COMMIT", "NOTE"), "No tag yet.")


@click.command()
@agent_argument
@click.argument("base")
@click.argument("ref", required=False)
@json_flag
@with_host
def diff(host: HostClient, name: str, base: str, ref: str | None, *, as_json: bool) -> None:
    """Show what changed from BASE to REF, or to what is in force."""
    reply = host.request("config_diff", name=name, base=base, ref=ref)
    if as_json:
        output.print_json({key: reply[key] for key in ("diff", "base_sha", "sha")})
    elif not reply["diff"]:
        click.echo("The same: no file differs.")
    else:
        page(coloured(reply["diff"]))
