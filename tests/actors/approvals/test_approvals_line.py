"""Several approved changes of one agent: carried out one after the other, and none takes another one back unsaid."""

import pytest

from actors.approvals import api as approvals
from actors.supervision import settle
from harness.wire.errors import HiveError

pytestmark = pytest.mark.slow

BASE = 'model = "haiku"\nwarm_seconds = 60\n'
OPUS = BASE.replace("haiku", "opus")
LONG_WARM = BASE.replace("60", "90")
NEVER = BASE + 'prompt = "never-ready"\n'


def approve(office, number, undoes=()):
    return approvals.approve(office.directory, number, by="operator", undoes=undoes)


def review(office, number):
    return approvals.review(office.directory, number, "running")


def undoes(office, number):
    return {one.id: one.files for one in review(office, number).undoes}


def on_top(office, name, text):
    """A proposal of the manager that builds on its last one, whatever became of that."""
    return office.propose(name, text)[0]


def afresh(office, name, text):
    """A proposal that builds on the first configuration and on nothing since."""
    author = office.author(name)
    author.git("reset", "--quiet", "--hard", author.git("rev-list", "--max-parents=0", "HEAD"))
    return on_top(office, name, text)


def in_force(office):
    applied = office.repositories.applied("alice")
    return applied.text(applied.in_force(), "agent.toml")


def waiting(office):
    """Approvals that wait for another one, oldest first."""
    return [row.id for row in approvals.rows(office.directory) if row.queued]


@pytest.fixture
def office(office):
    office.agent("alice", BASE)
    return office


def test_what_is_approved_meanwhile_is_carried_out_afterwards_in_the_order_of_the_decisions(office):
    never = on_top(office, "alice", NEVER)
    second, third = on_top(office, "alice", OPUS), on_top(office, "alice", LONG_WARM)
    assert approve(office, never) is None
    settle()
    assert approve(office, third) == never
    assert approve(office, second, undoes=[third]) == third  # the third was made on top of it
    settle()
    assert waiting(office) == [second, third]
    office.notes.ready_promises[-1].set(None)
    assert [office.finish(one).tag for one in (never, third, second)] == [
        f"deployed/{one}" for one in (never, third, second)
    ]
    assert in_force(office) == OPUS
    assert office.disagreement("alice") == {}
    resolved = [event["id"] for event in office.events() if event["event"] == "approval_resolved"]
    assert resolved == [never, third, second]
    assert waiting(office) == []


def test_the_one_before_fails_and_the_next_one_is_carried_out(office):
    never, second = on_top(office, "alice", NEVER), on_top(office, "alice", OPUS)
    approve(office, never)
    settle()
    approve(office, second)
    assert office.finish(never).status == "failed"
    assert office.finish(second).status == "approved"
    assert in_force(office) == OPUS


def test_a_restart_keeps_the_line_and_counts_no_try_for_one_that_waits(office):
    never, second, third = (on_top(office, "alice", text) for text in (NEVER, OPUS, LONG_WARM))
    for number in (never, second, third):
        approve(office, number)
        settle()
    for _ in range(2):
        office.stop("approvals")
        office.open()
        settle()
    assert waiting(office) == [second, third]
    assert [office.stored(one).tries for one in (never, second, third)] == [2, 0, 0]
    assert [office.finish(one).status for one in (never, second, third)] == ["failed", "approved", "approved"]
    assert in_force(office) == LONG_WARM


def test_a_queued_approval_is_decided_and_another_agent_does_not_wait(office):
    office.agent("bob", BASE)
    never, second = on_top(office, "alice", NEVER), on_top(office, "alice", OPUS)
    other = on_top(office, "bob", OPUS)
    approve(office, never)
    settle()
    approve(office, second)
    with pytest.raises(HiveError, match="was approved already"):
        office.deny(second)
    assert approve(office, other) is None
    assert office.finish(other).status == "approved"
    office.finish(second)


def test_a_proposal_that_was_made_without_a_change_says_that_it_takes_it_back(office):
    older = on_top(office, "alice", LONG_WARM)
    newer = afresh(office, "alice", OPUS)
    approve(office, newer)
    office.finish(newer)
    assert undoes(office, older) == {newer: ["agent.toml"]}
    with pytest.raises(HiveError) as refusal:
        approve(office, older)
    assert refusal.value.code == "conflict"
    assert f"made without approval {newer} (agent.toml)" in refusal.value.message
    assert f"hive approve {older} --undo" in refusal.value.hint
    assert in_force(office) == OPUS
    approve(office, older, undoes=[newer])
    office.finish(older)
    assert in_force(office) == LONG_WARM
    assert approvals.decisions(office.directory)[-1]["note"] == f"takes back approval {newer} (agent.toml)"


def test_it_says_so_of_a_change_that_is_still_being_carried_out_or_waits(office):
    older = on_top(office, "alice", LONG_WARM)
    never, newer = afresh(office, "alice", NEVER), on_top(office, "alice", OPUS.replace("60", "60 # one minute"))
    approve(office, never)
    settle()
    approve(office, newer)
    assert undoes(office, older) == {newer: ["agent.toml"]}
    assert review(office, older).behind == newer
    office.finish(newer)
    assert undoes(office, older) == {newer: ["agent.toml"]}


def test_what_builds_on_a_change_or_holds_it_anyhow_takes_nothing_back(office):
    newer = on_top(office, "alice", OPUS)
    approve(office, newer)
    office.finish(newer)
    assert undoes(office, on_top(office, "alice", BASE)) == {}  # it knows the change: its diff says what it does
    both = afresh(office, "alice", OPUS.replace("60", "90"))
    assert undoes(office, both) == {}


def test_a_change_that_was_reverted_is_not_taken_back_again(office):
    edits = approvals.edits(office.directory, by="operator", clock=office.clock)
    older = on_top(office, "alice", LONG_WARM)
    newer = afresh(office, "alice", OPUS)
    approve(office, newer)
    office.finish(newer)
    reverse = edits.revert(newer, None).approval_id
    approve(office, reverse)
    office.finish(reverse)
    assert undoes(office, older) == {}


def test_whole_files_count_and_so_do_bytes_that_are_no_text(office):
    author = office.author("alice")
    older = on_top(office, "alice", LONG_WARM)
    author.git("reset", "--quiet", "--hard", author.git("rev-list", "--max-parents=0", "HEAD"))
    sha = author.commit({"notes.md": "a note\n", "raw.bin": b"\xff\xfe"})
    newer = office.proposer().apply_commit("alice", sha, "notes").approval_id
    approvals.approve(
        office.directory, newer, by="operator", accepts=[one.part for one in review(office, newer).unshown]
    )
    office.finish(newer)
    assert undoes(office, older) == {newer: ["notes.md", "raw.bin"]}


def test_one_that_was_approved_after_the_look_has_to_be_looked_at(office, monkeypatch):
    never, second, third = (on_top(office, "alice", text) for text in (NEVER, OPUS, LONG_WARM))
    seen = review(office, third)
    approve(office, never)
    settle()
    monkeypatch.setattr(approvals, "review", lambda *_: seen)
    with pytest.raises(HiveError, match=f"approval {never} of alice was approved meanwhile"):
        approve(office, third)
    monkeypatch.undo()
    assert approve(office, third) == never
    assert approve(office, second, undoes=[third]) == third
    office.finish(second)


def take_back(office, number, by="operator"):
    return approvals.submission(office.directory, by=by, clock=office.clock).withdraw(number)


def verdicts(office):
    return [(one["approval_id"], one["verdict"]) for one in approvals.decisions(office.directory)]


def test_one_that_waits_for_another_one_is_taken_back_and_changes_nothing(office):
    never, second = on_top(office, "alice", NEVER), on_top(office, "alice", OPUS)
    approve(office, never)
    settle()
    approve(office, second)
    assert take_back(office, second) == "nothing was changed: its turn had not come"
    row = office.finish(second)
    assert (row.status, row.note) == ("cancelled", "taken back by the operator")
    office.notes.ready_promises[-1].set(None)
    assert office.finish(never).status == "approved"
    assert in_force(office) == NEVER
    assert verdicts(office) == [(never, "approved"), (second, "approved"), (second, "withdrawn")]
    assert approvals.verify(office.directory) is None


def test_one_that_is_being_carried_out_goes_back_to_what_was_in_force(office):
    number = on_top(office, "alice", NEVER)
    approve(office, number)
    settle()
    assert "alice goes back to what it was" in take_back(office, number)
    row = office.finish(number)
    assert row.status == "failed"
    assert "taken back by the operator" in row.note
    assert in_force(office) == BASE
    assert office.disagreement("alice") == {}
    assert verdicts(office) == [(number, "approved"), (number, "withdrawn")]


def test_what_is_in_force_or_was_approved_by_another_one_is_not_taken_back(office):
    number = on_top(office, "alice", OPUS)
    approve(office, number)
    assert office.finish(number).status == "approved"
    with pytest.raises(HiveError, match="was approved already"):
        take_back(office, number)
    other = on_top(office, "alice", NEVER)
    approve(office, other)
    settle()
    with pytest.raises(HiveError, match="was approved already"):
        take_back(office, other, by="manager")
