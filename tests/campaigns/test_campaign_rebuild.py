"""Rebuild after rebuild of a real daemon's swarm: the manager asks for mail before any other container starts, each time."""

import json
import os

import pytest

from tests.campaigns.light_hive import LightHive
from tests.torture import FULL, count

AGENTS = [f"a{number:02}" for number in range(20 if FULL else 6)]
ALL = ["hm1nd", *AGENTS]
ROUNDS = count(quick=2, full=100)
TICK = 1 / os.sysconf("SC_CLK_TCK")
"""The kernel tells the start of a process in these; what it tells is never later than the start."""


def container(hive, name):
    """Its id, and when its first process started, in seconds since the machine was booted."""
    record = json.loads((hive.run / "agents" / name / "container.json").read_text())
    return record["id"], record["start_time"] * TICK


def asked(hive, name):
    """When the harness that runs now has asked for mail first; None as long as it has not."""
    try:
        at = float((hive.state / "agents" / name / "state/asked").read_text())
        return at if at > container(hive, name)[1] else None
    except (OSError, ValueError):
        return None


def plans(hive):
    return [one["agents"] for one in hive.mail_of_manager() if one["event"] == "restart_planned"]


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_in_every_rebuild_of_all_the_manager_is_ready_and_told_before_any_other_starts():
    with LightHive() as hive:
        for name in AGENTS:
            hive.ask("spawn", name=name)
        hive.until(lambda: all(asked(hive, name) for name in ALL))
        for _ in range(ROUNDS):
            before, told = {name: container(hive, name)[0] for name in ALL}, len(plans(hive))
            assert hive.ask("rebuild_all")["planned"] == ["manager", *AGENTS]
            hive.until(
                lambda before=before: all(
                    asked(hive, name) and container(hive, name)[0] != before[name] for name in ALL
                )
            )
            ready = asked(hive, "hm1nd")
            assert [name for name in AGENTS if container(hive, name)[1] + TICK < ready] == []
            assert [sorted(one) for one in plans(hive)[told:]] == [AGENTS]  # those in a turn come last
        hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"]))
    print(
        f"{ROUNDS} of {ROUNDS} rebuild-alls of {len(AGENTS)} agents: the manager asked for mail before any other started"
    )
