"""Undoing a deployed change: looked at first, then proposed and approved in one request; and who decided what."""

import pytest

from actors.approvals import api as approvals
from actors.approvals.submission import undo as undoing
from harness.wire.errors import HiveError

pytestmark = pytest.mark.slow

BASE = 'model = "haiku"\n# one\n# two\n# three\n# four\nwarm_seconds = 60\n'
OPUS = BASE.replace("haiku", "opus")


@pytest.fixture
def opus(office):
    """An approval that is deployed."""
    office.agent("alice", BASE)
    number, _ = office.propose("alice", OPUS)
    office.approve(number)
    office.finish(number)
    return number


def text(office):
    applied = office.repositories.applied("alice")
    return applied.text(applied.in_force(), "agent.toml")


def preview(office, number):
    return undoing.preview(office.directory, number, clock=office.clock)


def undo(office, number, base_sha=None, by="operator (uid 0, session 3)"):
    base_sha = base_sha or preview(office, number).base_sha
    return undoing.undo(office.directory, number, base_sha, None, by=by, clock=office.clock)


def test_an_undo_is_looked_at_then_carried_out_and_logged_and_can_be_undone(office, opus):
    seen = preview(office, opus)
    assert [(one.path, one.added, one.removed) for one in seen.files] == [("agent.toml", 1, 1)]
    assert [(one.topic, one.before, one.after) for one in seen.effective] == [("model", "opus", "haiku")]
    assert (seen.obstacle, text(office)) == (None, OPUS), "a look changes nothing"
    assert len(approvals.rows(office.directory)) == 1
    undone = undo(office, opus)
    assert office.finish(undone.approval_id).status == "approved"
    assert text(office) == BASE
    last = approvals.decisions(office.directory)[-1]
    assert (last["decided_by"], last["note"]) == ("operator (uid 0, session 3)", f"undo of approval {opus}")
    assert office.row(undone.approval_id).requested_by == "operator"
    office.finish(undo(office, undone.approval_id).approval_id)
    assert text(office) == OPUS
    assert approvals.verify(office.directory) is None
    assert office.disagreement("alice") == {}


def test_what_was_changed_since_stays_and_what_is_in_the_way_is_said_before(office, opus):
    later, _ = office.propose("alice", OPUS.replace("60", "90"))
    office.approve(later)
    office.finish(later)
    office.finish(undo(office, opus).approval_id)
    assert text(office) == BASE.replace("60", "90")
    again, _ = office.propose("alice", OPUS.replace("60", "80"))
    undoes = [one.id for one in approvals.review(office.directory, again, "running").undoes]
    approvals.approve(office.directory, again, by="operator", undoes=undoes)
    office.finish(again)
    seen = preview(office, later)
    assert seen.conflicts == ["agent.toml"]
    assert "later changes are in the same lines of agent.toml" in seen.obstacle
    assert "hive config edit alice" in seen.hint
    before = len(approvals.rows(office.directory))
    with pytest.raises(HiveError, match="later changes are in the same lines"):
        undo(office, later)
    assert len(approvals.rows(office.directory)) == before


def test_an_undo_of_what_is_not_there_any_more_says_so(office, opus):
    office.finish(undo(office, opus).approval_id)
    assert "is in force any more" in preview(office, opus).obstacle
    with pytest.raises(HiveError, match="is in force any more"):
        undo(office, opus)


def test_an_undo_that_was_looked_at_before_another_change_is_refused(office, opus):
    seen = preview(office, opus).base_sha
    later, _ = office.propose("alice", OPUS.replace("60", "90"))
    office.approve(later)
    office.finish(later)
    with pytest.raises(HiveError, match="came into force meanwhile"):
        undo(office, opus, seen)
    assert [row.status for row in approvals.rows(office.directory)] == ["approved", "approved"]


def test_only_a_deployed_change_is_undone(office, opus):
    waiting, _ = office.propose("alice", BASE)
    assert "was not deployed" in preview(office, waiting).obstacle
    office.deny(waiting)
    office.finish(waiting)
    assert "was not deployed" in preview(office, waiting).obstacle
    with pytest.raises(HiveError, match="approval 99"):
        preview(office, 99)


def test_a_denied_change_is_proposed_once_more_by_its_commit(office, opus):
    number, sha = office.propose("alice", OPUS.replace("60", "90"), "longer")
    office.deny(number, "not now")
    edits = approvals.edits(office.directory, by="operator", clock=office.clock)
    again = edits.again(number)
    row = office.row(again.approval_id)
    assert (row.sha, row.description, row.requested_by, row.status) == (sha, "again: longer", "operator", "pending")
    office.approve(again.approval_id)
    assert office.finish(again.approval_id).status == "approved"
    for wrong, words in ((opus, "was not denied"), (again.approval_id, "was not denied")):
        with pytest.raises(HiveError, match=words):
            edits.again(wrong)


def test_each_commit_knows_who_decided_about_it_when_and_why(office, opus):
    denied, sha = office.propose("alice", OPUS.replace("60", "90"))
    approvals.deny(office.directory, denied, "too long", by="operator (uid 7)")
    found = approvals.decided(office.directory, "alice")
    first = found[office.row(opus).sha]
    assert (first["approval_id"], first["verdict"], first["status"], first["undoable"]) == (
        opus,
        "approved",
        "approved",
        True,
    )
    other = found[sha]
    assert (other["verdict"], other["decided_by"], other["note"], other["undoable"]) == (
        "denied", "operator (uid 7)", "too long", False,
    )  # fmt: skip
    assert approvals.decided(office.directory, "bob") == {}
