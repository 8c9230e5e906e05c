"""`hive doctor`: what this machine offers, what it lacks, and how to get that."""

import sys
from dataclasses import asdict

import click

from actors.cli import output
from actors.cli.doctor.checks import NAMES, examine
from actors.cli.doctor.finding import Level
from actors.cli.options import json_flag, with_config
from actors.daemon_settings import DaemonSettings


@click.command()
@click.argument("checks", nargs=-1, type=click.Choice(NAMES), metavar="[CHECK]...")
@json_flag
@with_config()
def doctor(config: DaemonSettings, checks: tuple[str, ...], *, as_json: bool) -> None:
    """Try what the hive needs of this machine, and what holds an agent here.

    Each line is tried, not guessed: folders are written to and synced, a limit is set, the port is listened on, the
    model is asked, and one container of the chosen runtime is started with the real harness, which runs Claude Code.
    Another one tries each promise of docs/security.md from inside. Nothing is left behind. With CHECK, only that is
    tried.

    Exits with 1 when the machine lacks something that the hive or its agents cannot work without.
    """
    findings = list(examine(config, checks))
    if as_json:
        output.print_json([asdict(finding) for finding in findings])
    else:
        rows = [(finding.check, output.state(finding.level), output.plain(finding.text)) for finding in findings]
        output.print_table(rows, ("CHECK", "", "FOUND"), "")
        for finding in findings:
            if finding.level is not Level.OK and finding.hint:
                click.echo(f"Try: {finding.check}: {finding.hint}", err=True)
    sys.exit(1 if any(finding.level is Level.BAD for finding in findings) else 0)
