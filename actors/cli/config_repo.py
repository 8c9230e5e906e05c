"""`hive config`: the host's own settings, and the configuration of each agent: in force, its history, its tags.

`show` without a name is about the host, everything with a name about that agent.
"""

import os
from pathlib import Path
from typing import Any

import click

from actors.cli import output, settings
from actors.cli.approvals import coloured, page
from actors.cli.client import HostClient
from actors.cli.flags import agent_argument, complete_agents, json_flag, with_host, with_sources
from actors.config import load
from harness.wire.limits import MAX_ROWS

ref_option = click.option("--ref", metavar="REF", help="A commit, or a tag such as deployed/3; without it, main.")
limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, MAX_ROWS), default=20, show_default=True, help="How many."
)


@click.group()
def config() -> None:
    """Look at the settings, and at the agents' configurations."""


@config.command()
@click.argument("name", required=False, shell_complete=complete_agents)
@json_flag
@with_sources
def show(given: tuple[dict[str, Any], Path | None], name: str | None, *, as_json: bool) -> None:
    """Show every setting of the host, or what is in force for an agent.

    Without NAME: each setting, its value and where it comes from; a flag beats the environment, which beats the file,
    which beats the default. With NAME: the agent.toml that the operator approved last.
    """
    if name is None:
        settings.show(given, as_json=as_json)
        return
    flags, file = given
    with HostClient(load(flags, os.environ, file).host_socket) as host:
        _print_text(host.request("agent_config", name=name)["text"], as_json=as_json)


@config.command()
@agent_argument
@click.argument("path")
@ref_option
@json_flag
@with_host
def file(host: HostClient, name: str, path: str, ref: str | None, *, as_json: bool) -> None:
    """Show one file of an agent's configuration repository."""
    _print_text(host.request("config_file", name=name, path=path, ref=ref)["text"], as_json=as_json)


@config.command()
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


@config.command()
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


@config.command()
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


def _print_text(text: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"text": text})
    else:
        click.echo(output.plain(text), nl=False)
