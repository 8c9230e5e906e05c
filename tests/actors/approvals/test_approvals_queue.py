"""The queue: what becomes of a change that is approved or denied, whatever ends in the middle of it."""

import shutil

import pytest

from actors.agent.registry.messages import AgentsChanged
from actors.agent.repos import Applied
from actors.approvals import api as approvals
from actors.approvals.messages import QUEUE
from actors.supervision import settle

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


def tags(office, name):
    from actors.agent.repos import history

    return {row["tag"]: row["note"] for row in history.tags(office.repositories.applied(name))}


def test_an_approved_change_is_deployed_and_everybody_is_told(office):
    office.agent("alice")
    number, sha = office.propose("alice", 'model = "opus"\n', "a better model")
    waiting = office.row(number)
    assert (waiting.status, waiting.sha, waiting.description, waiting.tag) == (
        "pending",
        sha,
        "a better model",
        f"proposal/{number}",
    )

    office.approve(number)
    row = office.finish(number)

    assert (row.status, row.tag) == ("approved", f"deployed/{number}")
    assert office.repositories.applied("alice").in_force() == sha
    assert office.disagreement("alice") == {}
    assert set(tags(office, "alice")) == {
        "deployed/0",
        *(f"{mark}/{number}" for mark in ("proposal", "approved", "building", "deployed")),
    }
    told = office.events()
    assert [(event["event"], event.get("status"), event.get("ok")) for event in told] == [
        ("approval_resolved", "approved", None),
        ("rebuilt", None, True),
    ]
    assert all(event["sha"] == sha and event["tag"] == f"deployed/{number}" for event in told)
    assert office.directory.names().count(f"approvals/deployers/{number}") == 0


def test_the_operators_stream_tells_each_fact_once(office):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')
    office.approve(number)
    office.finish(number)
    second, _sha = office.propose("alice", 'model = "sonnet"\n')
    office.deny(second)
    office.finish(second)
    told = [(row["id"], row["status"], row["tag"]) for row in office.emitted("approval")]
    assert told == [
        (number, "pending", None),
        (number, "pending", f"proposal/{number}"),
        (number, "approved", f"proposal/{number}"),
        (number, "approved", f"building/{number}"),
        (number, "approved", f"deployed/{number}"),
        (second, "pending", None),
        (second, "pending", f"proposal/{second}"),
        (second, "denied", f"denied/{second}"),
    ]


def test_an_approval_says_whom_it_is_about_to_rebuild(office):
    office.agent("alice")
    number, _sha = office.propose("alice", 'prompt = "never-ready"\n')
    assert approvals.to_be_rebuilt(office.directory) == frozenset()
    ways = []
    rebuild = office.notes.rebuild

    def looking(agent):
        ways.append(approvals.to_be_rebuilt(office.directory))
        return rebuild(agent)

    office.notes.rebuild = looking
    office.approve(number)
    office.finish(number)
    assert ways == [{"alice"}, {"alice"}]  # once in the roll-out, once in the roll-back
    assert approvals.to_be_rebuilt(office.directory) == frozenset()


def test_a_recording_that_is_cut_off_again_and_again_is_taken_back_everywhere(office, monkeypatch):
    office.agent("alice")
    before = office.repositories.applied("alice").in_force()
    number, _sha = office.propose("alice", 'model = "opus"\n')

    def die(_applied, _keep):
        raise ZeroDivisionError

    monkeypatch.setattr(Applied, "prune", die)  # the last thing it does, when the history has the commit
    office.approve(number)
    row = office.finish(number)
    assert (row.status, row.tag) == ("failed", f"failed/{number}")
    assert office.repositories.applied("alice").in_force() == before
    assert office.repositories.meta.deployed() == {"alice": {"sha": before, "tag": "deployed/0"}}
    assert office.disagreement("alice") == {}


def test_old_files_that_cannot_be_removed_are_no_reason_to_roll_back(office, monkeypatch):
    office.agent("alice")
    number, sha = office.propose("alice", 'model = "opus"\n')

    def refuse(_applied, _keep):
        raise PermissionError

    monkeypatch.setattr(Applied, "prune", refuse)
    office.approve(number)
    assert office.finish(number).tag == f"deployed/{number}"
    assert office.repositories.applied("alice").in_force() == sha
    assert office.disagreement("alice") == {}


def test_what_an_export_that_was_cut_off_left_is_gone_after_the_next_deployment(office):
    office.agent("alice")
    trees = office.repositories.applied("alice").folder / "trees"
    for left in ("a", "b"):
        (trees / f".new-{left}").mkdir()
        (trees / f".new-{left}.tar").write_bytes(b"half an archive")
    number, sha = office.propose("alice", 'model = "opus"\n')
    office.approve(number)
    assert office.finish(number).tag == f"deployed/{number}"
    assert [path.name for path in trees.iterdir()] == [sha]
    (trees / ".new-c.tar").write_bytes(b"half an archive")
    office.repositories.tidy()
    assert [path.name for path in trees.iterdir()] == [sha]


def test_a_denial_of_what_is_purged_before_it_has_its_tag_is_closed(office):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')
    shutil.rmtree(office.repositories.applied("alice").folder)
    office.deny(number)
    assert office.finish(number).status == "denied"


def test_a_denied_change_leaves_everything_and_the_note_in_the_tag(office):
    office.agent("alice")
    before = office.repositories.applied("alice").in_force()
    number, sha = office.propose("alice", 'model = "opus"\n')
    office.deny(number, "  too expensive\x1b[1m ")
    row = office.finish(number)
    assert (row.status, row.note, row.tag) == ("denied", "too expensive\x1b[1m", f"denied/{number}")
    assert tags(office, "alice")[f"denied/{number}"] == "too expensive\\u{1b}[1m"
    assert office.repositories.applied("alice").in_force() == before
    (event,) = office.events()
    assert (event["event"], event["status"], event["note"], event["sha"]) == (
        "approval_resolved",
        "denied",
        "too expensive\x1b[1m",
        sha,
    )
    assert office.notes.calls == []


def test_an_agent_that_never_becomes_ready_is_as_before_and_the_reason_is_kept(office):
    office.agent("alice")
    before = office.repositories.applied("alice").in_force()
    number, _sha = office.propose("alice", 'prompt = "never-ready"\n')
    office.approve(number)
    row = office.finish(number)
    assert (row.status, row.tag) == ("failed", f"failed/{number}")
    assert "did not ask for mail within 60 s" in row.note
    assert "did not ask for mail" in tags(office, "alice")[f"failed/{number}"]
    assert office.repositories.applied("alice").in_force() == before
    assert office.disagreement("alice") == {}
    assert [(event["event"], event.get("ok")) for event in office.events()] == [
        ("approval_resolved", None),
        ("rebuilt", False),
    ]
    assert office.notes.calls == [("rebuild", "alice"), ("rebuild", "alice")]


def test_a_container_that_cannot_be_rebuilt_is_rolled_back_and_the_note_says_what_could_not_be_restored(office):
    office.agent("alice")
    before = office.repositories.applied("alice").in_force()
    number, _sha = office.propose("alice", 'model = "opus"\n')
    office.notes.broken.add("rebuild")
    office.approve(number)
    row = office.finish(number)
    assert row.status == "failed"
    assert row.note == "not rebuilt: rebuild is broken; not restored: rebuild is broken"
    assert office.repositories.applied("alice").in_force() == office.repositories.applied("alice").shown() == before
    assert f"deployed/{number}" not in tags(office, "alice")


def test_a_deployer_that_dies_is_replaced_and_the_change_is_deployed(office):
    office.agent("alice")
    number, sha = office.propose("alice", 'model = "opus"\n')
    crashes = iter([True, True, False])
    rebuild = office.notes.rebuild

    def rebuild_or_die(agent):
        if next(crashes):
            raise ZeroDivisionError
        return rebuild(agent)

    office.notes.rebuild = rebuild_or_die
    office.approve(number)
    assert office.finish(number).status == "approved"
    assert office.repositories.applied("alice").in_force() == sha
    assert office.disagreement("alice") == {}


def test_a_step_that_always_dies_is_rolled_back(office):
    office.agent("alice")
    number, _sha = office.propose("alice", 'model = "opus"\n')

    def die(_agent):
        raise ZeroDivisionError

    office.notes.rebuild = die
    office.approve(number)
    row = office.finish(number)
    assert row.status == "failed"
    assert "ZeroDivisionError" in row.note


def test_the_change_of_one_agent_waits_for_the_one_before(office):
    office.agent("alice")
    first, _ = office.propose("alice", 'prompt = "never-ready"\n')
    second, _ = office.propose("alice", 'model = "opus"\n')
    office.approve(first)
    settle()
    office.approve(second)
    assert office.row(second).queued
    assert office.finish(first).status == "failed"
    assert office.finish(second).status == "approved"
    assert office.disagreement("alice") == {}


def test_the_changes_of_two_agents_are_carried_out_side_by_side(office):
    for name in ("alice", "bob"):
        office.agent(name)
    numbers = [office.propose(name, 'model = "opus"\n')[0] for name in ("alice", "bob")]
    for number in numbers:
        office.approve(number)
    assert [office.finish(number).status for number in numbers] == ["approved", "approved"]
    assert office.disagreement("alice") == office.disagreement("bob") == {}
    subjects = office.repositories.meta.git.run("log", "--format=%s", "main").splitlines()
    assert len(subjects) == 4


def test_a_destroyed_agents_proposals_are_cancelled_and_the_history_notes_it(office):
    office.agent("alice")
    number, _ = office.propose("alice", 'model = "opus"\n')
    office.notes.remove("alice")
    office.directory.tell(QUEUE, AgentsChanged())
    row = office.finish(number)
    assert (row.status, row.note) == ("cancelled", "alice was destroyed")
    assert approvals.context(office.directory)
    assert office.repositories.meta.deployed() == {}
    assert office.events()[-1]["status"] == "cancelled"
