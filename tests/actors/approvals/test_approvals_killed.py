"""The daemon is killed with -9 at every step of carrying an approval out; the next one finishes or rolls back."""

import signal
import subprocess
import sys

import pytest

from actors.approvals import api as approvals
from actors.approvals.steps import ROLL_BACK, ROLL_OUT
from tests.actors.approvals.kit import Office
from tests.torture import FULL


def moments(way):
    """Every step, before and after it, of a change and of a spawn.

    `make test` plays one of the four for each step, a different one for neighbours: no step is left out, and what is
    between two steps is met from both of its sides in turn. `make torture` plays all.
    """
    chosen = []
    for number, step in enumerate(way):
        every = [(f"{when}-{step.value}", spawn) for when in ("before", "after") for spawn in (False, True)]
        chosen += every if FULL else [every[number * 3 % len(every)]]
    return chosen


DENIAL = ["before-denied", "after-denied", "before-closed", "after-closed"]


def killed_at(folder, number, moment):
    done = subprocess.run(
        [sys.executable, "-m", "tests.actors.approvals.dying", str(folder), str(number), moment],
        capture_output=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, (done.returncode, done.stdout, done.stderr[-2000:])


def next_life(folder, number, *, deny=False):
    """The hive after its death. Whoever was not answered looks, and decides again if nothing was decided."""
    office = Office(folder)
    office.repositories.tidy()
    if office.stored(number).step.value == "filed":
        (office.deny if deny else office.approve)(number)
    return office


def prepared(folder, text, *, spawn=False):
    """A hive with alice in force (or only drafted) and one proposal, shut down in order; its id, what was, what is proposed."""
    office = Office(folder)
    before = None
    if spawn:
        office.proposer().draft("alice")
        reply = office.proposer().spawn_commit("alice", office.author("alice").commit({"agent.toml": text}), None)
        number, sha = reply.approval_id, reply.sha
    else:
        office.agent("alice")
        before = office.repositories.applied("alice").in_force()
        number, sha = office.propose("alice", text)
    office.close()
    return number, before, sha


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.parametrize(("moment", "spawn"), moments(ROLL_OUT))
def test_an_approved_change_is_deployed_after_all(tmp_path, moment, spawn):
    number, _before, sha = prepared(tmp_path, 'model = "opus"\n', spawn=spawn)
    killed_at(tmp_path, number, moment)
    office = next_life(tmp_path, number)
    try:
        row = office.finish(number)
        assert (row.status, row.tag) == ("approved", f"deployed/{number}")
        assert office.repositories.applied("alice").in_force() == sha
        assert office.disagreement("alice") == {}
        assert [event["event"] for event in office.events()] == ["approval_resolved", "spawned" if spawn else "rebuilt"]
        subjects = office.repositories.meta.git.run("log", "--format=%s", "main").splitlines()
        assert len(subjects) == (1 if spawn else 2)
    finally:
        office.close()


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.parametrize(("moment", "spawn"), moments(ROLL_BACK))
def test_a_failed_change_is_rolled_back_after_all(tmp_path, moment, spawn):
    number, before, _sha = prepared(tmp_path, 'prompt = "never-ready"\n', spawn=spawn)
    killed_at(tmp_path, number, moment)
    office = next_life(tmp_path, number)
    try:
        row = office.finish(number)
        assert (row.status, row.tag) == ("failed", f"failed/{number}")
        assert "did not ask for mail" in row.note
        assert office.repositories.applied("alice").in_force() == before
        assert office.disagreement("alice") == {}
        assert ("alice" in office.notes.read()) is not spawn
        assert [event["event"] for event in office.events()] == ["approval_resolved", "spawned" if spawn else "rebuilt"]
    finally:
        office.close()


@pytest.mark.slow
@pytest.mark.parametrize("moment", DENIAL)
def test_a_denial_gets_its_tag_after_all(tmp_path, moment):
    number, before, sha = prepared(tmp_path, 'model = "opus"\n')
    killed_at(tmp_path, number, moment)
    office = next_life(tmp_path, number, deny=True)
    try:
        row = office.finish(number)
        applied = office.repositories.applied("alice")
        assert (row.status, row.tag) == ("denied", f"denied/{number}")
        assert applied.git.tip(f"refs/tags/denied/{number}") == sha
        assert applied.in_force() == before
        assert [event["event"] for event in office.events()] == ["approval_resolved"]
        assert len(approvals.decisions(office.directory)) == 1
    finally:
        office.close()
