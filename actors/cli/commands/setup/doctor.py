"""`hive doctor`: what this machine offers, what it lacks, and how to get that."""

import sys
from dataclasses import asdict

import click

from actors.cli import output
from actors.cli.doctor_checks import CHECKS, Level, boundary
from actors.cli.options import json_flag, with_config
from actors.daemon_settings import DaemonSettings


@click.command()
@json_flag
@with_config()
def doctor(config: DaemonSettings, *, as_json: bool) -> None:
    """Check what this machine offers the hive, and what holds an agent here.

    Starts one container of the chosen runtime and tries each promise of docs/security.md from inside.

    Exits with 1 when the machine lacks something that the hive cannot run without.
    """
    findings = [*(check(config) for check in CHECKS), *boundary(config)]
    if as_json:
        output.print_json([asdict(finding) for finding in findings])
    else:
        rows = [(finding.check, output.state(finding.level), output.plain(finding.text)) for finding in findings]
        output.print_table(rows, ("CHECK", "", "FOUND"), "")
        for finding in findings:
            if finding.level is not Level.OK and finding.hint:
                click.echo(f"Try: {finding.check}: {finding.hint}", err=True)
    sys.exit(1 if any(finding.level is Level.BAD for finding in findings) else 0)
