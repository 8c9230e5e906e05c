"""`hive chaos`: inject random faults into a running hive for a while, then report which promises held."""

import secrets
import sys

import click

from actors.cli import output
from actors.cli.chaos import verdict
from actors.cli.chaos.campaign import Campaign
from actors.cli.options import PLACES, json_flag, with_config
from actors.daemon_settings import DaemonSettings


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="How long to inject faults.")
@click.option("--seed", type=int, help="Repeat the draws of another run. [default: drawn, and printed]")
@click.option("--settle-seconds", type=float, default=180.0, show_default=True, help="How long the repair may take.")
@click.option("--kill-daemon", is_flag=True, help="Also kill the daemon, and start it again as it was started.")
@click.option("--yes-really", is_flag=True, help="Also on a hive whose model is not on this machine.")
@json_flag
@with_config(*PLACES)
def chaos(
    config: DaemonSettings,
    *,
    seconds: float,
    seed: int | None,
    settle_seconds: float,
    kill_daemon: bool,
    yes_really: bool,
    as_json: bool,
) -> None:
    """Inject random faults into a running hive; report which promises held.

    Ends actors of the tree, kills harnesses, claudes, containers, the proxy and the web process, lets processes hang,
    takes the disk away for moments, moves the daemon's clock where it was started with one that can be moved, and
    keeps sending mail to the agents. Exits with 1 when a promise was broken. Meant for a rehearsal: the work of the
    agents is cut off in the middle.
    """
    seed = secrets.randbelow(2**31) if seed is None else seed
    campaign = Campaign(
        config, seed, kill_daemon=kill_daemon, report=lambda text: None if as_json else click.echo(text, err=True)
    )
    if not yes_really:
        campaign.check_rehearsal()
    campaign.run(seconds)
    campaign.settle(settle_seconds)
    report = {"seed": seed, "seconds": seconds, **verdict.verdict(campaign)}
    if as_json:
        output.print_json(report)
    else:
        verdict.show(report)
    sys.exit(0 if all(one["held"] for one in report["promises"]) else 1)
