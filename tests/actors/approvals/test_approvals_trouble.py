"""A disk or a component that fails for a moment: no approval gets stuck, no event is posted twice."""

import pytest

from actors.agent.registry.messages import AgentsChanged
from actors.approvals import actor, api
from actors.approvals.messages import QUEUE
from actors.approvals.open_approvals import OpenApprovals
from harness.wire.errors import unavailable

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


def once(monkeypatch, place, name, *, after):
    """Have this fail once; `after` it was done."""
    inner, failures = getattr(place, name), [unavailable("the disk is full")]

    def failing(*args, **kwargs):
        if not failures:
            return inner(*args, **kwargs)
        if after:
            inner(*args, **kwargs)
        raise failures.pop()

    monkeypatch.setattr(place, name, failing)


def test_a_deployer_that_dies_while_nothing_can_be_noted_is_replaced_all_the_same(office, monkeypatch):
    office.agent("alice")
    number, sha = office.propose("alice", 'model = "opus"\n')
    rebuild = office.notes.rebuild

    def die(_agent):
        office.notes.rebuild = rebuild
        once(monkeypatch, OpenApprovals, "change", after=False)
        raise ZeroDivisionError

    office.notes.rebuild = die
    office.approve(number)
    assert office.finish(number).tag == f"deployed/{number}"
    assert office.repositories.applied("alice").in_force() == sha
    assert office.disagreement("alice") == {}


def test_a_cancellation_whose_answer_was_lost_is_not_tried_for_ever(office, monkeypatch):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')
    once(monkeypatch, actor.broker, "post", after=True)
    office.notes.remove("alice")
    office.directory.tell(QUEUE, AgentsChanged())
    assert office.finish(number).status == "cancelled"
    assert [event["event"] for event in office.events()] == ["approval_resolved"]
    assert api.pending(office.directory) == []


def test_an_end_whose_answer_was_lost_is_told_once(office, monkeypatch):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')
    once(monkeypatch, actor.broker, "post", after=True)
    office.approve(number)
    assert office.finish(number).tag == f"deployed/{number}"
    assert [event["event"] for event in office.events()] == ["approval_resolved", "rebuilt"]
