"""Many agents are spawned and started at the same time, and the registry answers meanwhile."""

import gevent
import pytest
from gevent.event import Event

from actors.agent.addresses import REGISTRY
from actors.agent.registry import api
from actors.agent.registry.messages import BeginSpawn, Destroy, Start, Stop
from actors.supervision import settle
from harness.wire.errors import HiveError
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

NAMES = ("ann", "bea", "cat")


@pytest.fixture
def hive():
    made = AgentHive()
    made.gate, made.begun = Event(), []

    def slow(launch):
        made.begun.append(launch.paths.name)
        made.gate.wait()

    made.slow = slow
    yield made
    made.gate.set()
    made.remove()


def test_the_registry_answers_while_agents_start_side_by_side(hive):
    hive.settle_in(NAMES)
    for name in NAMES:
        api.stop(hive.directory, name)
        hive.directory.stop(f"agents/{name}", SECONDS)
    hive.runtime.create = hive.slow
    started = [hive.directory.ask_later(REGISTRY, Start(name)) for name in NAMES]
    until(lambda: sorted(hive.begun) == sorted(NAMES))
    assert {row.name: row.state for row in api.rows(hive.directory)} == {
        "manager": "running",
        **dict.fromkeys(NAMES, "starting"),
    }
    assert not any(one.done for one in started)
    hive.gate.set()
    assert [one.get(timeout=SECONDS) for one in started] == [None] * len(NAMES)
    assert all(hive.row(name).running for name in NAMES)


@pytest.mark.slow
def test_agents_are_spawned_side_by_side(hive):
    hive.runtime.create = hive.slow
    spawns = [gevent.spawn(api.spawn, hive.directory, name) for name in NAMES]
    until(lambda: sorted(hive.begun) == sorted(NAMES))
    hive.gate.set()
    for one in spawns:
        one.get(timeout=SECONDS)
    assert {row.name for row in api.rows(hive.directory) if row.running} == {"manager", *NAMES}


@pytest.mark.parametrize("order", [Stop("ann"), Destroy("ann")])
def test_an_order_to_end_an_agent_that_starts_is_carried_out_when_it_has_started(hive, order):
    hive.settle_in(["ann"])
    api.stop(hive.directory, "ann")
    hive.directory.stop("agents/ann", SECONDS)
    hive.runtime.create = hive.slow
    started, ended = (hive.directory.ask_later(REGISTRY, one) for one in (Start("ann"), order))
    until(lambda: hive.begun)
    settle()
    assert not ended.done
    hive.gate.set()
    started.get(timeout=SECONDS)
    ended.get(timeout=SECONDS)
    assert not any(row.running for row in api.rows(hive.directory) if row.name == "ann")
    assert "ann" not in hive.runtime.alive


def test_a_second_start_is_the_first_one(hive):
    hive.settle_in(["ann"])
    api.stop(hive.directory, "ann")
    hive.directory.stop("agents/ann", SECONDS)
    hive.runtime.create = hive.slow
    both = [hive.directory.ask_later(REGISTRY, Start("ann")) for _ in range(2)]
    until(lambda: hive.begun)
    hive.gate.set()
    for one in both:
        one.get(timeout=SECONDS)
    assert hive.begun == ["ann"]


def test_a_name_whose_spawn_has_begun_is_nobody_elses_until_it_is_over(hive):
    token = object()
    hive.directory.ask(REGISTRY, BeginSpawn("ann", silent=False, token=token))
    with pytest.raises(HiveError, match="is being spawned"):
        api.spawn(hive.directory, "ann")
    with pytest.raises(HiveError, match="is being spawned"):
        api.purge(hive.directory, "ann")
    hive.directory.tell(REGISTRY, api.messages.AbandonSpawn("ann", object()))
    with pytest.raises(HiveError, match="is being spawned"):
        api.spawn(hive.directory, "ann")
    hive.directory.tell(REGISTRY, api.messages.AbandonSpawn("ann", token))
    api.spawn(hive.directory, "ann")
    assert hive.row("ann").running


def test_a_spawn_whose_files_cannot_be_made_gives_the_name_back(hive, monkeypatch):
    def full_disk(*_args, **_named):
        raise HiveError("unavailable", "git init: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("actors.agent.registry.orders.spawn.first_configuration", full_disk)
        with pytest.raises(HiveError, match="No space left"):
            api.spawn(hive.directory, "ann")
    assert [row.name for row in api.rows(hive.directory)] == ["manager"]
    api.spawn(hive.directory, "ann")
    assert hive.row("ann").running
