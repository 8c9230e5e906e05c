"""Two operators, the chain of decisions, and what a decision is shown by: the diffs."""

import gevent
import pytest

from actors.approvals import api as approvals
from actors.store import api as store
from harness.wire.errors import HiveError
from tests.waiting import SECONDS

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


@pytest.mark.parametrize("second", ["approve", "deny"])
@pytest.mark.parametrize("first", ["approve", "deny"])
def test_two_operators_at_once_have_one_outcome_and_the_other_is_told(office, first, second):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')
    refusals = []

    def click(verb):
        try:
            getattr(office, verb)(number)
        except HiveError as error:
            refusals.append(error)

    gevent.joinall([gevent.spawn(click, first), gevent.spawn(click, second)])
    (refused,) = refusals
    assert refused.code == "conflict"
    assert f"approval {number} was" in refused.message
    row = office.finish(number)
    assert row.status in {{"approve": "approved", "deny": "denied"}[verb] for verb in (first, second)}
    assert f"was {row.status}" in refused.message
    assert len(approvals.decisions(office.directory)) == 1
    with pytest.raises(HiveError) as later:
        office.deny(number)
    assert later.value.code == "conflict"


def test_nobody_decides_about_what_is_not_there(office):
    with pytest.raises(HiveError) as refused:
        office.approve(7)
    assert refused.value.code == "not_found"


def test_every_decision_is_a_link_of_the_chain(office):
    office.agent("alice")
    for text, verdict in (('model = "a"\n', "approve"), ('model = "b"\n', "deny"), ('model = "c"\n', "approve")):
        number, _ = office.propose("alice", text)
        getattr(office, verdict)(number)
        office.finish(number)
    log = approvals.decisions(office.directory)
    assert [(row["id"], row["verdict"], row["decided_by"]) for row in log] == [
        (1, "approved", "operator"),
        (2, "denied", "operator"),
        (3, "approved", "operator"),
    ]
    assert approvals.verify(office.directory) is None
    store.write(
        office.directory, lambda connection: connection.execute("UPDATE decisions SET note = 'x' WHERE id = 2")
    ).get(timeout=SECONDS)
    assert approvals.verify(office.directory).id == 2


def test_the_diff_is_against_what_runs_what_was_approved_or_what_was_proposed_before(office):
    office.agent("alice", "model = 1\n".replace("1", '"one"'))
    deployed, first = office.propose("alice", 'model = "two"\n')
    office.approve(deployed)
    office.finish(deployed)
    denied, second = office.propose("alice", 'model = "three"\n')
    office.deny(denied)
    number, sha = office.propose("alice", 'model = "four"\n')

    running = approvals.diff(office.directory, number, "running")
    assert (running.base_sha, running.sha) == (first, sha)
    assert '-model = "two"\n+model = "four"\n' in running.diff
    assert approvals.diff(office.directory, number, "approved").base_sha == first
    assert '-model = "three"\n' in approvals.diff(office.directory, number, "previous").diff
    assert approvals.diff(office.directory, number, "previous").base_sha == second
    again, _ = office.propose("alice", 'model = "two"\n')
    assert approvals.diff(office.directory, again, "running").diff == ""
    assert '-model = "one"\n+model = "two"\n' in approvals.diff(office.directory, deployed, "running").diff
