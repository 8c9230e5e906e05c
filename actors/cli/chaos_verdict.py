"""What a storm has shown: each promise, whether it held, and what speaks against it."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from actors.cli import chaos_hands, output
from actors.cli.chaos_storm import Storm

SPARE_FILES = 40
"""How many files more than before the daemon may have open: connections come and go."""
SHOWN = 5


def verdict(storm: Storm) -> dict[str, Any]:
    """What was done, and what held; the hive's own promises after those that only an onlooker can check."""
    traffic = storm.traffic
    return {
        "hits": dict(Counter(one["kind"] for one in storm.actions)),
        "actions": storm.actions,
        "acknowledged": len(traffic.acknowledged),
        "refused": traffic.refused,
        "unclear": traffic.unclear,
        "settled_after_seconds": storm.settled_seconds,
        "promises": [*_mail(storm), *_repair(storm), *_leftovers(storm), *storm.verify()],
    }


def _mail(storm: Storm) -> list[dict[str, Any]]:
    lost = [f"message {id_}" for id_ in storm.traffic.lost()]
    done = f"all of it, {storm.settled_seconds} s after the storm"
    return [
        _promise("acknowledged mail is kept", lost, f"all {len(storm.traffic.acknowledged)} messages"),
        _promise("acknowledged mail is done", storm.traffic.unfinished(), done),
        _promise("nobody is forgotten", storm.forgotten, "nobody was idle with mail for 2 s"),
    ]


def _repair(storm: Storm) -> list[dict[str, Any]]:
    pid = storm.traffic.ask("about")["pid"]
    other = [] if pid == storm.about["pid"] else [f"it was pid {storm.about['pid']} and is {pid}"]
    return [
        _promise("agents run again", storm.away(), f"all {len(storm.agents)} agents"),
        _promise("the daemon lives", other, f"the same process, pid {pid}"),
    ]


def _leftovers(storm: Storm) -> list[dict[str, Any]]:
    pid = storm.traffic.ask("about")["pid"]
    more = chaos_hands.files(pid) - storm.files
    left = [f"zombie {one}" for one in chaos_hands.zombies(pid)]
    left += [str(path) for path in Path(storm.about["run_dir"]).rglob("*.part")]
    return [
        _promise("no orphans", storm.containers.orphans(), "no process has outlived its container"),
        _promise("nothing is left over", left, "no zombie, no half-written file"),
        _promise("no file stays open", [f"{more} more"] if more > SPARE_FILES else [], f"{more:+d} in the daemon"),
    ]


def _promise(name: str, against: list[str], fine: str) -> dict[str, Any]:
    return {"name": name, "held": not against, "detail": "; ".join(against[:SHOWN]) or fine}


def show(report: dict[str, Any]) -> None:
    """Print it for people."""
    hits = ", ".join(f"{count} {kind}" for kind, count in sorted(report["hits"].items())) or "nothing"
    click.echo(f"\nSeed {report['seed']}, {report['seconds']:g} s. Hit: {hits}.")
    click.echo(
        f"Mail: {report['acknowledged']} acknowledged, {report['refused']} refused with a reason, "
        f"{report['unclear']} cut off in the middle.\n"
    )
    words = {True: click.style("held", fg="green"), False: click.style("broken", fg="red")}
    promises = report["promises"]
    rows = [(one["name"], words.get(one["held"], "not known"), output.one_line(one["detail"], 160)) for one in promises]
    click.echo(output.table(rows, ("PROMISE", "", "WHAT WAS FOUND")))
