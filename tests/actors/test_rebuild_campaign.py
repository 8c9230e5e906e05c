"""Rebuild after rebuild of a swarm: the manager is ready and told before anybody else starts, each time.

HIVE_TORTURE=1 pytest -s tests/actors/test_rebuild_campaign.py
"""

import json
import random

import gevent
import pytest

from actors.agent.registry import api
from actors.broker import api as broker
from tests import torture
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import until

AGENTS_IN_ALL = [f"agent-{number:02}" for number in range(20)]
DELAY_SECONDS = 0.02


@pytest.fixture
def hive():
    hive = AgentHive()
    hive.settle_in(AGENTS_IN_ALL)
    yield hive
    hive.remove()


class Harnesses:
    """Light ones: each container, some time after its start, asks for mail. Notes what happened when."""

    def __init__(self, hive, dice):
        self.hive, self.dice = hive, dice
        self.happened, self.greenlets = [], []
        self.start, hive.runtime.start = hive.runtime.start, self.started

    def started(self, launch):
        name = launch.paths.name
        self.happened.append(("start", name))
        self.greenlets.append(gevent.spawn_later(self.dice.uniform(0, DELAY_SECONDS), self.ask, name))
        return self.start(launch)

    def ask(self, name):
        self.happened.append(("ready", name))
        reply = broker.recv(self.hive.directory, name=name, max=32)
        events = [json.loads(one.body)["event"] for one in reply.messages if one.kind == "event"]
        self.happened += [(event, name) for event in events]
        broker.ack_turn(self.hive.directory, name)

    def over(self):
        gevent.joinall(self.greenlets)
        happened, self.happened, self.greenlets = self.happened, [], []
        return happened


def planned_in_inbox(hive, since_id):
    mail = [one for one in broker.recent(hive.directory, "manager", 60) if one.id > since_id]
    return [one.id for one in mail if one.kind == "event" and json.loads(one.body)["event"] == "restart_planned"]


@pytest.mark.torture
def test_the_manager_is_ready_before_any_other_starts_in_every_rebuild(hive):
    rounds, seed = torture.count(quick=5, full=100), torture.seed()
    harnesses = Harnesses(hive, random.Random(seed))
    first = 0
    for number in range(rounds):
        hive.clock.advance(1)  # what the manager asked for before counts no more
        last_id = broker.recent(hive.directory, "manager", 1)[-1].id
        api.rebuild_all(hive.directory, reason=f"round {number}")
        until(lambda: sum(what == "start" for what, _ in harnesses.happened) == len(AGENTS_IN_ALL) + 1)
        until(lambda: all(row.running for row in api.rows(hive.directory)))
        happened = harnesses.over()
        starts = [name for what, name in happened if what == "start"]
        assert starts[0] == "hm1nd", (seed, number)
        assert sorted(starts[1:]) == AGENTS_IN_ALL, (seed, number)
        before = happened[: happened.index(("start", starts[1]))]
        assert before[:2] == [("start", "hm1nd"), ("ready", "hm1nd")], (seed, number)
        assert len(planned_in_inbox(hive, last_id)) == 1, (seed, number)
        first += 1
    print(f"rebuild-alls of {len(AGENTS_IN_ALL)} agents: manager ready first in {first} of {rounds}, seed {seed}")
