"""The daemon is killed with -9 at every step of an approval, and its next life ends what it began, either way.

The real daemon, bubblewrap, the real harness and the real Claude CLI: afterwards the approval, branch, tags, history,
roster, database and the container that really runs agree, nothing runs twice, and no message is lost.
`make torture` plays every moment of every step; `make test` every third step, since
tests/actors/approvals/test_approvals_killed.py plays each step of the same way there without containers.
"""

import pytest

from actors.approvals.steps import ROLL_BACK, ROLL_OUT
from tests.campaigns.dying_daemon import AMID
from tests.campaigns.dying_hive import DyingHive
from tests.needs import needs
from tests.torture import FULL

pytestmark = [pytest.mark.slow, pytest.mark.torture, pytest.mark.timeout(600)]

READY_SECONDS = 1.5
"""For a harness that never asks for mail; the others have as long as they need."""


def moments(way):
    """(moment, whether it is a spawn) for each step; the quick run takes every third step, of each another moment."""
    chosen = []
    for number, step in enumerate(way if FULL else way[::3]):
        every = [(f"{when}-{step.value}", spawn) for when in ("before", "after") for spawn in (False, True)]
        every += [(f"amid-{step.value}", spawn) for spawn in (False, True) if (step.value, spawn) in AMID]
        chosen += every if FULL else [every[number * 3 % len(every)]]
    return chosen


def named(moment_and_kind):
    return "-".join((moment_and_kind[0], "spawn" if moment_and_kind[1] else "change"))


@pytest.fixture(scope="module")
def hive():
    with DyingHive() as hive:
        hive.ask("set_paused", name="manager", paused=True)  # it gets the events, and spends no turn on them
        hive.spawn("alice")
        number, _sha = hive.propose("alice", "the first")
        hive.ask("approve", id=number)
        assert hive.ended(number)["tag"] == f"deployed/{number}"
        yield hive
        assert [one for one in hive.ask("verify")["promises"] if not one["held"]] == []


class Moment:
    """A proposal, mail that is acknowledged before the death, and what is to be so afterwards."""

    def __init__(self, hive, moment, agent, *, mute=False):
        self.hive, self.moment, self.agent, self.spawn = hive, moment, agent, agent != "alice"
        self.alice, self.told = hive.in_force("alice"), len(hive.mail_of_manager())
        self.manager = hive.container("hm1nd").pid
        self.id, self.sha = hive.propose(agent, moment, spawn=self.spawn, mute=mute)
        self.mail = [hive.send("alice", moment)] if FULL or not (mute or self.spawn) else []

    def decide(self, verb, **orders):
        """Its row, after the death and the end of everything."""
        self.hive.die_deciding(verb, self.id, self.moment, spawn=self.spawn, **orders)
        row = self.hive.ended(self.id)
        return tuple(row[column] for column in ("status", "step", "tag"))

    def check(self, *, marks, deployments, told):
        """Tags, history and events of the approval; alice's mail is done, and the other agents noticed nothing."""
        hive = self.hive
        hive.check_tags(self.agent, self.id, self.sha, *marks)
        hive.check_history(self.agent, self.id, deployments)
        hive.check_told(self.told, ("approval_resolved", None), *told)
        hive.done(*self.mail)
        hive.check_runs("alice", *self.alice)
        assert hive.container("hm1nd").pid == self.manager
        hive.check_nothing_else_runs()


@needs("bwrap")
@pytest.mark.parametrize("moment_and_kind", moments(ROLL_OUT), ids=named)
def test_what_was_approved_runs_after_all(hive, moment_and_kind):
    moment, spawn = moment_and_kind
    one = Moment(hive, moment, f"new-{moment}" if spawn else "alice")
    assert one.decide("approve") == ("approved", "finalized", f"deployed/{one.id}")
    assert hive.approval(one.id)["note"] is None
    hive.check_runs(one.agent, one.sha, moment)
    if not spawn:
        one.alice = (one.sha, moment)
    told = [("spawned" if spawn else "rebuilt", True)]
    one.check(marks=("proposal", "approved", "building", "deployed"), deployments=1, told=told)
    if spawn:
        hive.ask("destroy", name=one.agent)


@needs("bwrap")
@pytest.mark.parametrize("moment_and_kind", moments(ROLL_BACK), ids=named)
def test_what_never_became_ready_is_rolled_back_after_all(hive, moment_and_kind):
    moment, spawn = moment_and_kind
    one = Moment(hive, moment, f"mute-{moment}" if spawn else "alice", mute=True)
    assert one.decide("approve", ready_seconds=READY_SECONDS) == ("failed", "failed", f"failed/{one.id}")
    assert "did not ask for mail" in hive.approval(one.id)["note"]
    if spawn:
        hive.check_gone(one.agent)
    told = [("spawned" if spawn else "rebuilt", False)]
    one.check(marks=("proposal", "approved", "building", "failed"), deployments=0, told=told)


DENIAL = [f"{when}-{step}" for step in ("denied", "closed") for when in ("before", "after")]


@needs("bwrap")
@pytest.mark.parametrize("moment", DENIAL if FULL else DENIAL[::3])
def test_a_denial_is_one_after_all(hive, moment):
    one, before = Moment(hive, moment, "alice"), hive.container("alice").pid
    assert one.decide("deny") == ("denied", "closed", f"denied/{one.id}")
    one.check(marks=("proposal", "denied"), deployments=0, told=[])
    assert hive.container("alice").pid == before
