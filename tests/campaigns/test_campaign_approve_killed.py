"""The daemon is killed with -9 at every step of an approval, and its next life ends what it began, either way.

The real daemon, bubblewrap, the real harness and the real Claude CLI: afterwards the approval, branch, tags, history,
roster, database and the container that really runs agree, nothing runs twice, and no message is lost.
`HIVE_TORTURE=1` plays every moment of every step; the quick run one of each step.
"""

import pytest

from actors.approvals.steps import BACK, FORTH
from tests.campaigns.dying_daemon import AMID
from tests.campaigns.dying_hive import DyingHive
from tests.needs import needs
from tests.torture import FULL

pytestmark = [pytest.mark.slow, pytest.mark.torture, pytest.mark.timeout(180)]

PATIENCE = 1.5
"""Seconds that a harness which never asks for mail is waited for; the others have as long as they need."""


def moments(way):
    """(moment, whether it is a spawn) for each step; the quick run takes another kind of moment for each."""
    chosen = []
    for number, step in enumerate(way):
        every = [(f"{when}-{step.value}", spawn) for when in ("before", "after") for spawn in (False, True)]
        every += [(f"amid-{step.value}", spawn) for spawn in (False, True) if (step.value, spawn) in AMID]
        chosen += every if FULL else [every[number * 3 % len(every)]]
    return chosen


def named(moment_and_kind):
    return "-".join((moment_and_kind[0], "spawn" if moment_and_kind[1] else "change"))


@pytest.fixture(scope="module")
def hive():
    with DyingHive() as hive:
        hive.ask("set_paused", name="manager", paused=True)  # it is told, and does not spend a turn on each word
        hive.spawn("alice")
        number, hive.alice = hive.propose("alice", "the first")
        hive.ask("approve", id=number)
        assert hive.ended(number)["tag"] == f"deployed/{number}"
        hive.word, hive.bystander = "the first", hive.container("hm1nd").pid
        yield hive
        hive.check_nothing_else_runs()
        assert [one for one in hive.ask("verify")["promises"] if not one["held"]] == []


def check_the_rest(hive, *ids):
    """What was acknowledged is done, alice runs what is in force of her, and who has no part in it noticed nothing."""
    hive.done(*ids)
    hive.check_runs("alice", hive.alice, hive.word)
    hive.check_nothing_else_runs()
    assert hive.container("hm1nd").pid == hive.bystander


@needs("bwrap")
@pytest.mark.parametrize("moment_and_kind", moments(FORTH), ids=named)
def test_what_was_approved_runs_after_all(hive, moment_and_kind):
    moment, spawn = moment_and_kind
    agent, word = (f"new-{moment}" if spawn else "alice"), f"forth {moment}"
    number, sha = hive.propose(agent, word, spawn=spawn)
    ids = [hive.send("alice", word)] if FULL or not spawn else []
    hive.die_deciding("approve", number, moment, spawn=spawn)
    row = hive.ended(number)
    assert (row["status"], row["step"], row["tag"], row["note"]) == (
        "approved",
        "finalized",
        f"deployed/{number}",
        None,
    )
    hive.check_runs(agent, sha, word)
    hive.check_tags(agent, number, sha, "proposal", "approved", "building", "deployed")
    hive.check_history(agent, number, 1)
    hive.check_told(number, ("approval_resolved", None), ("spawned" if spawn else "rebuilt", True))
    if spawn:
        hive.ask("destroy", name=agent)
    else:
        hive.alice, hive.word = sha, word
    check_the_rest(hive, *ids)


@needs("bwrap")
@pytest.mark.parametrize("moment_and_kind", moments(BACK), ids=named)
def test_what_never_became_ready_is_as_before_after_all(hive, moment_and_kind):
    moment, spawn = moment_and_kind
    agent, word = (f"mute-{moment}" if spawn else "alice"), f"back {moment}"
    number, sha = hive.propose(agent, word, spawn=spawn, mute=True)
    ids = [hive.send("alice", word)] if FULL else []
    hive.die_deciding("approve", number, moment, spawn=spawn, patience=PATIENCE)
    row = hive.ended(number)
    assert (row["status"], row["step"], row["tag"]) == ("failed", "failed", f"failed/{number}")
    assert "did not ask for mail" in row["note"]
    hive.check_tags(agent, number, sha, "proposal", "approved", "building", "failed")
    hive.check_history(agent, number, 0)
    hive.check_told(number, ("approval_resolved", None), ("spawned" if spawn else "rebuilt", False))
    if spawn:
        hive.check_gone(agent)
    check_the_rest(hive, *ids)


DENIAL = [f"{when}-{step}" for step in ("denied", "closed") for when in ("before", "after")]


@needs("bwrap")
@pytest.mark.parametrize("moment", DENIAL if FULL else DENIAL[:4:3])
def test_a_denial_is_one_after_all(hive, moment):
    word = f"denied {moment}"
    number, sha = hive.propose("alice", word)
    ids = [hive.send("alice", word)] if FULL else []
    before = hive.container("alice").pid
    hive.die_deciding("deny", number, moment)
    row = hive.ended(number)
    assert (row["status"], row["step"], row["tag"]) == ("denied", "closed", f"denied/{number}")
    hive.check_tags("alice", number, sha, "proposal", "denied")
    hive.check_history("alice", number, 0)
    hive.check_told(number, ("approval_resolved", None))
    check_the_rest(hive, *ids)
    assert hive.container("alice").pid == before
