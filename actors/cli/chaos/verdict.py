"""What a campaign has shown: each promise, whether it held, and the evidence against it."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from actors.cli import output, processes
from actors.cli.chaos.campaign import Campaign

SPARE_FILES = 40
"""How many files more than before the daemon may have open: connections come and go."""
SHOWN = 5


def verdict(campaign: Campaign) -> dict[str, Any]:
    """The faults and the promises: those that only an observer can check, then those that the daemon checks."""
    traffic = campaign.traffic
    return {
        "hits": dict(Counter(one["kind"] for one in campaign.actions)),
        "actions": campaign.actions,
        "acknowledged": len(traffic.acknowledged),
        "refused": traffic.refused,
        "unclear": traffic.unclear,
        "settled_after_seconds": campaign.settled_seconds,
        "promises": [*_mail(campaign), *_repair(campaign), *_leftovers(campaign), *campaign.verify()],
    }


def _mail(campaign: Campaign) -> list[dict[str, Any]]:
    lost = [f"message {id_}" for id_ in campaign.traffic.lost()]
    done = f"all of it, {campaign.settled_seconds} s after the last fault"
    return [
        _promise("acknowledged mail is kept", lost, f"all {len(campaign.traffic.acknowledged)} messages"),
        _promise("acknowledged mail is done", campaign.traffic.unfinished(), done),
        _promise("no agent is forgotten", campaign.forgotten, "none was idle with mail for 2 s"),
    ]


def _repair(campaign: Campaign) -> list[dict[str, Any]]:
    before, now = campaign.pid, campaign.traffic.ask("about")["pid"]
    other = [] if now == before else [f"it was pid {before} and is {now}"]
    fine = f"the same process, pid {now}"
    if campaign.daemon_kills:
        fine = f"it came back after each of {campaign.daemon_kills} kills, and is pid {now}"
    return [
        _promise("agents run again", campaign.not_running(), f"all {len(campaign.agents)} agents"),
        _promise("the daemon lives", other, fine),
    ]


def _leftovers(campaign: Campaign) -> list[dict[str, Any]]:
    pid = campaign.traffic.ask("about")["pid"]
    more = campaign.open_files(pid) - campaign.files_before
    left = [f"zombie {one}" for one in processes.zombies(pid)]
    left += [str(path) for path in Path(campaign.about["run_dir"]).rglob("*.part")]
    return [
        _promise("no orphans", campaign.containers.orphans(), "no process has outlived its container"),
        _promise("nothing is left over", left, "no zombie, no half-written file"),
        _promise("no file stays open", [f"{more} more"] if more > SPARE_FILES else [], f"{more:+d} in the daemon"),
    ]


def _promise(name: str, against: list[str], fine: str) -> dict[str, Any]:
    return {"name": name, "held": not against, "detail": "; ".join(against[:SHOWN]) or fine}


def show(report: dict[str, Any]) -> None:
    """Print the report for people."""
    hits = ", ".join(f"{count} {kind}" for kind, count in sorted(report["hits"].items())) or "none"
    click.echo(f"\nSeed {report['seed']}, {report['seconds']:g} s. Faults: {hits}.")
    click.echo(
        f"Mail: {report['acknowledged']} acknowledged, {report['refused']} refused with a reason, "
        f"{report['unclear']} whose reply was lost.\n"
    )
    click.echo(output.promises(report["promises"]))
