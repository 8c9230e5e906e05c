"""`hive chaos`: break a running hive at random for a while, then say which promises held."""

import secrets
import sys

import click

from actors.cli import chaos_verdict, output
from actors.cli.chaos_storm import Storm
from actors.cli.flags import PLACES, json_flag, with_config
from actors.config import HostConfig
from harness.wire.errors import forbidden


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="How long to break things.")
@click.option("--seed", type=int, help="Repeat the throws of another run. [default: drawn, and printed]")
@click.option("--settle-seconds", type=float, default=180.0, show_default=True, help="How long repairs may take.")
@click.option("--yes-really", is_flag=True, help="Also on a hive whose model is not on this machine.")
@json_flag
@with_config(*PLACES)
def chaos(
    config: HostConfig, *, seconds: float, seed: int | None, settle_seconds: float, yes_really: bool, as_json: bool
) -> None:
    """Break a running hive at random, and tell which promises held.

    Ends rooms of the tree, kills harnesses, claudes, containers and the web process, takes the disk away for moments,
    and keeps sending mail to the agents. Exits with 1 when a promise was broken. Meant for a rehearsal: what agents do
    is cut off in the middle.
    """
    seed = secrets.randbelow(2**31) if seed is None else seed
    storm = Storm(config, seed, tell=not as_json)
    if not storm.about["loopback"] and not yes_really:
        raise forbidden("the model of this hive is not on this machine: its agents work in earnest", "--yes-really")
    storm.rage(seconds)
    storm.settle(settle_seconds)
    report = {"seed": seed, "seconds": seconds, **chaos_verdict.verdict(storm)}
    if as_json:
        output.print_json(report)
    else:
        chaos_verdict.show(report)
    sys.exit(0 if all(one["held"] for one in report["promises"]) else 1)
