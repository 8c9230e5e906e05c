"""The end of the hive with twenty agents in turns, by a clock of our own: who ends when, and what is left behind."""

import json
import logging
import shutil

import pytest

from actors.agent.addresses import container_actor
from actors.agent.container.messages import HarnessEvents
from actors.broker import api as broker
from actors.service import api as service
from actors.supervision import FakeClock, settle
from harness.wire.times import from_ms
from tests.actors.agent.hive_parts import FakeRuntime
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow  # each of them starts and ends a whole hive

AGENTS_IN_ALL = [f"agent-{number:02}" for number in range(20)]
QUICK, SLOW, IGNORES_SIGTERM = AGENTS_IN_ALL[:5], AGENTS_IN_ALL[5:18], AGENTS_IN_ALL[18:]
GRACE, STOP = 20.0, 5.0


class SlowToStop(FakeRuntime):
    """Notes at which time whose container is told to end and killed; the deaf ones must be killed."""

    def __init__(self, clock):
        super().__init__()
        self.clock, self.told = clock, []

    def stop(self, container):
        self.told.append((container.name, "TERM", self.clock.monotonic()))
        if container.name not in IGNORES_SIGTERM:
            super().stop(container)

    def kill(self, container):
        self.told.append((container.name, "KILL", self.clock.monotonic()))
        super().kill(container)


@pytest.fixture
def hive():
    clock = FakeClock()
    hive = WholeHive(SlowToStop(clock), clock, agents_on_stop="stop", grace_seconds=GRACE)
    hive.settle_in(AGENTS_IN_ALL)
    hive.ends = []
    for name in hive.directory.names():
        actor = hive.directory.actor(name)
        actor.ended.then(lambda _exit, name=name: hive.ends.append((name, clock.monotonic() - hive.closed_at)))
    for name in AGENTS_IN_ALL:
        broker.send(hive.directory, sender="operator", to=name, body="a long task")
        assert broker.recv(hive.directory, name=name).messages
        state = {"kind": "state", "state": "thinking", "since": from_ms(clock.now_ms() - 11_000)}
        hive.directory.tell(container_actor(name), HarnessEvents((state,)))
    hive.closed_at, hive.runtime.told = clock.monotonic(), []
    yield hive
    if hive.directory.whereis("hive") is None:
        hive.open()
    run_down(hive, close(hive))
    shutil.rmtree(hive.place)


def run_down(hive, ended):
    """Let all deadlines pass."""
    for _ in range(3):
        settle()
        until(lambda: ended.done or hive.clock.pending)
        hive.clock.advance(GRACE)
    until(lambda: ended.done)


def close(hive):
    ended = hive.directory.actor("hive").ended
    service.close(hive.directory, "a test")
    until(lambda: hive.directory.whereis("registry") is None)
    return ended


def told(hive):
    """Whose container was told what, by seconds since the signal."""
    times = {}
    for name, what, at in hive.runtime.told:
        times.setdefault((what, round(at - hive.closed_at, 3)), []).append(name)
    return {key: sorted(names) for key, names in times.items()}


def test_doors_close_turns_get_their_grace_and_everything_ends_in_order_by_its_deadline(hive, caplog):
    caplog.set_level(logging.INFO)
    broker.send(hive.directory, sender="operator", to="manager", body="too late")
    ended = close(hive)
    assert not (hive.config.run_dir / "host.sock").exists()
    for name in QUICK:
        assert broker.ack_turn(hive.directory, name) == 1
        assert broker.recv(hive.directory, name=name).messages == []
    until(lambda: len(hive.runtime.told) == len(QUICK))
    assert told(hive) == {("TERM", 0.0): QUICK}
    hive.clock.advance(GRACE - 0.1)
    settle()
    assert told(hive) == {("TERM", 0.0): QUICK}
    hive.clock.advance(0.1)
    until(lambda: len(hive.runtime.told) == len(AGENTS_IN_ALL))
    hive.clock.advance(STOP)
    until(lambda: ended.done)
    assert told(hive) == {
        ("TERM", 0.0): QUICK,
        ("TERM", GRACE): sorted(SLOW + IGNORES_SIGTERM),
        ("KILL", GRACE + STOP): IGNORES_SIGTERM,
        ("TERM", GRACE + STOP): ["hm1nd"],
    }
    specs = [name for name, _ in hive.ends if "/" not in name and name not in {"hive", "updates"}]
    assert specs == [
        "gateway", "search", "quarantine", "triage", "terminals", "sessions", "peers", "approvals", "quotas", "registry", "agents", "admission", "crashwatch", "telemetry", "scheduler",
        "questions", "broker", "store", "service",
    ]  # fmt: skip
    at = dict(hive.ends)
    assert (at["registry"], at["agents"]) == (0.0, GRACE + STOP)
    assert {at[name] for name in ("broker", "store", "service")} == {GRACE + STOP}
    assert ended.get().orderly


def test_the_log_ends_with_what_was_abandoned(hive, caplog):
    caplog.set_level(logging.INFO)
    ended = close(hive)
    for name in QUICK + SLOW:
        broker.ack_turn(hive.directory, name)
        broker.recv(hive.directory, name=name)
    until(lambda: len(hive.runtime.told) == len(QUICK + SLOW))
    hive.clock.advance(GRACE)
    settle()
    hive.clock.advance(STOP)
    until(lambda: ended.done)
    last = [record.getMessage() for record in caplog.records][-2:]
    assert sorted(last) == [f"abandoned: {name} (in a turn, 11 s, killed)" for name in IGNORES_SIGTERM]


def test_the_messages_of_a_cut_turn_are_offered_again_at_the_next_start_and_those_of_a_finished_one_are_not(hive):
    ended = close(hive)
    broker.ack_turn(hive.directory, QUICK[0])
    run_down(hive, ended)
    hive.open()
    broker.recv(hive.directory, name="manager")
    until(lambda: len(hive.runtime.alive) == len(AGENTS_IN_ALL) + 1)
    cut = broker.recv(hive.directory, name=SLOW[0]).messages
    assert [(one.body, one.redelivered) for one in cut] == [("a long task", True)]
    assert broker.recv(hive.directory, name=QUICK[0]).messages == []


def test_agents_that_are_kept_run_on_and_are_named(caplog):
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    hive = WholeHive(None, clock, agents_on_stop="keep")
    try:
        hive.settle_in(["alice"])
        broker.send(hive.directory, sender="operator", to="alice", body="do it")
        broker.recv(hive.directory, name="alice")
        before = dict(hive.runtime.alive)
        ended = close(hive)
        until(lambda: ended.done)
        assert hive.runtime.alive == before
        assert "runs on: alice (in a turn)" in caplog.text
        assert "runs on: hm1nd (idle)" in caplog.text
        assert "abandoned" not in caplog.text
        hive.open()
        assert broker.status(hive.directory, "alice").leased == 1
    finally:
        hive.remove()


def test_nothing_is_leased_once_the_hive_is_closing(hive):
    waiter = broker.long_poll(hive.directory, name=QUICK[0], wait_seconds=30)
    broker.ack_turn(hive.directory, QUICK[0])
    close(hive)
    broker.send(hive.directory, sender="system", to=QUICK[0], body="news")
    assert json.loads(broker.status(hive.directory, QUICK[0]).model_dump_json())["pending"] == 1
    waiter.cancel()
    assert waiter.wait().messages == []
