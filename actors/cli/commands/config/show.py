"""`hive config`: the daemon's settings, and the configuration of each agent: the one in force, its history, its tags.

`show` without a name shows the settings; everything with a name is about that agent.
"""

import os
from pathlib import Path
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, complete_agents, json_flag, with_daemon, with_sources
from actors.cli.pager import coloured, page
from actors.daemon_settings import BY_NAME, check_run_dir, gather, load, stray
from actors.setting_kinds import shown
from harness.wire import sizes
from harness.wire.limits import MAX_ROWS

ref_option = click.option("--ref", metavar="REF", help="A commit, or a tag such as deployed/3; without it, main.")
limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, MAX_ROWS), default=20, show_default=True, help="How many rows."
)


@click.group()
def config() -> None:
    """Show the settings; show and edit the configurations of the agents."""


@config.command()
@click.argument("name", required=False, shell_complete=complete_agents)
@json_flag
@with_sources
def show(given: tuple[dict[str, Any], Path | None], name: str | None, *, as_json: bool) -> None:
    """Show every setting, or the configuration in force of an agent.

    Without NAME: each setting, its value and its source; a flag beats the environment, which beats the file, which
    beats the default. With NAME: the agent.toml that the operator approved last.
    """
    if name is None:
        _print_settings(given, as_json=as_json)
        return
    flags, file = given
    with DaemonClient(load(flags, os.environ, file).host_socket) as daemon:
        _print_text(daemon.request("agent_config", name=name)["text"], as_json=as_json)


@config.command()
@agent_argument
@click.argument("path")
@ref_option
@json_flag
@with_daemon
def file(daemon: DaemonClient, name: str, path: str, ref: str | None, *, as_json: bool) -> None:
    """Show one file of an agent's configuration repository."""
    _print_text(daemon.request("config_file", name=name, path=path, ref=ref)["text"], as_json=as_json)


@config.command()
@agent_argument
@ref_option
@limit_option
@json_flag
@with_daemon
def files(daemon: DaemonClient, name: str, ref: str | None, limit: int, *, as_json: bool) -> None:
    """List the files of an agent's configuration, with their sizes."""
    rows = daemon.request("config_files", name=name, ref=ref, limit=limit)["rows"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [(output.plain(row["path"]), sizes.words(row["size"])) for row in rows], ("FILE", "SIZE"), "There are no files."
    )


@config.command()
@agent_argument
@ref_option
@limit_option
@json_flag
@with_daemon
def log(daemon: DaemonClient, name: str, ref: str | None, limit: int, *, as_json: bool) -> None:
    """Show the commits of an agent's configuration: who made each, who approved it, when and why."""
    rows = daemon.request("config_log", name=name, ref=ref, limit=limit)["rows"]
    if as_json:
        output.print_json(rows)
        return
    cells = [
        (
            row["sha"][:12],
            "-" if row["at"] is None else output.clock(row["at"]),
            output.one_line(row["author"], 20),
            output.one_line(row["subject"]),
            _decided(row.get("approval")),
        )
        for row in rows
    ]
    output.print_table(cells, ("COMMIT", "AT", "BY", "SUBJECT", "DECIDED"), "There are no commits yet.")


def _decided(approval: dict[str, Any] | None) -> str:
    """Which approval, who decided it, when and why; a dash for a commit that no decision was about."""
    if approval is None:
        return "-"
    note = f": {output.one_line(approval['note'], 60)}" if approval["note"] else ""
    verdict = approval["status"] if approval["status"] == "failed" else approval["verdict"]
    return (
        f"#{approval['approval_id']} {verdict} by {output.plain(approval['decided_by'])} "
        f"{output.clock(approval['at'])}{note}"
    )


@config.command()
@agent_argument
@limit_option
@json_flag
@with_daemon
def tags(daemon: DaemonClient, name: str, limit: int, *, as_json: bool) -> None:
    """Show which commits were proposed, approved, deployed, denied and failed."""
    rows = daemon.request("config_tags", name=name, limit=limit)["rows"]
    if as_json:
        output.print_json(rows)
        return
    cells = [(row["tag"], row["sha"][:12], output.one_line(row["note"] or "")) for row in rows]
    output.print_table(cells, ("TAG", "COMMIT", "NOTE"), "There are no tags yet.")


@config.command()
@agent_argument
@click.argument("base")
@click.argument("ref", required=False)
@json_flag
@with_daemon
def diff(daemon: DaemonClient, name: str, base: str, ref: str | None, *, as_json: bool) -> None:
    """Show what changed from BASE to REF, or to the commit in force."""
    reply = daemon.request("config_diff", name=name, base=base, ref=ref)
    if as_json:
        output.print_json({key: reply[key] for key in ("diff", "base_sha", "sha")})
    elif not reply["diff"]:
        click.echo("No file differs.")
    else:
        page(coloured(reply["diff"]))


def _print_settings(given: tuple[dict[str, Any], Path | None], *, as_json: bool) -> None:
    flags, file = given
    found = {
        name: (shown(BY_NAME[name], value), source) for name, (value, source) in gather(flags, os.environ, file).items()
    }
    if as_json:
        output.print_json({name: {"value": value, "source": source} for name, (value, source) in found.items()})
    else:
        rows = [(name, "-" if value is None else value, source) for name, (value, source) in found.items()]
        output.print_table(rows, ("SETTING", "VALUE", "FROM"), "")
    for name, guess in stray(os.environ).items():
        click.echo(f"Warning: {name} is no setting; did you mean {guess}?", err=True)
    check_run_dir(Path(found["run_dir"][0]))


def _print_text(text: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"text": text})
    else:
        click.echo(output.plain(text), nl=False)
