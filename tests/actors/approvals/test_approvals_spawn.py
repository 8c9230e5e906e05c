"""How an agent comes to be: at once, by way of a draft, or out of what is kept of it."""

import pytest

from actors.agent.registry.messages import AgentsChanged
from actors.approvals import api as approvals
from actors.approvals.messages import QUEUE
from harness.wire.errors import HiveError

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


def refused(call, *args):
    with pytest.raises(HiveError) as error:
        call(*args)
    return error.value


def test_a_spawn_at_once_has_the_commented_configuration_every_agent_starts_with(office):
    reply = office.proposer().spawn("alice", "a tester")
    assert approvals.drafts(office.directory)[0] | {"config_path": "", "state_path": ""} == {
        "name": "alice", "config_path": "", "state_path": "", "approval_id": reply.approval_id,
    }  # fmt: skip
    shown = approvals.diff(office.directory, reply.approval_id, "running")
    assert shown.base_sha is None
    assert "+# Whom it may write to. Left out: every name." in shown.diff
    office.approve(reply.approval_id)
    row = office.finish(reply.approval_id)
    assert (row.kind, row.status, row.tag) == ("spawn", "approved", f"deployed/{reply.approval_id}")
    assert office.notes.calls == [("spawn", "alice")]
    assert office.disagreement("alice") == {}
    assert office.repositories.applied("alice").git.tip("refs/tags/deployed/0") == reply.sha
    assert approvals.drafts(office.directory) == []
    assert [(event["event"], event.get("ok")) for event in office.events()] == [
        ("approval_resolved", None),
        ("spawned", True),
    ]


def test_a_draft_is_edited_committed_proposed_and_becomes_an_agent(office):
    office.proposer().draft("alice")
    assert [draft["name"] for draft in approvals.drafts(office.directory)] == ["alice"]
    assert office.events() == []
    staged = office.repositories.workspace.of("alice").staged
    assert approvals.drafts(office.directory)[0]["state_path"] == str(staged)
    assert staged.is_dir()
    author = office.author("alice")
    sha = author.commit({"agent.toml": 'model = "opus"\n', "prompts/role.md": "You test.\n"})
    reply = office.proposer().spawn_commit("alice", sha[:10], "a tester")
    author.commit({"agent.toml": 'model = "evil"\n'})
    assert reply.sha == sha
    office.approve(reply.approval_id)
    office.finish(reply.approval_id)
    assert office.repositories.applied("alice").in_force() == sha
    assert (
        office.repositories.applied("alice").folder / "current" / "prompts" / "role.md"
    ).read_text() == "You test.\n"
    assert office.disagreement("alice") == {}


def test_a_draft_the_operator_makes_is_told_to_the_manager(office):
    reply = office.proposer("operator").draft("alice")
    (event,) = office.events()
    assert (event["event"], event["agent"], event["config_path"]) == ("config_ready", "alice", reply.config_path)
    office.proposer("operator").draft("alice")
    assert office.events() == []


def test_a_spawn_that_does_not_come_up_is_gone_and_its_draft_is_kept(office):
    office.proposer().draft("alice")
    sha = office.author("alice").commit({"agent.toml": 'prompt = "never-ready"\n'})
    number = office.proposer().spawn_commit("alice", sha, None).approval_id
    office.approve(number)
    row = office.finish(number)
    assert (row.status, row.tag) == ("failed", f"failed/{number}")
    assert office.notes.read() == {}
    assert office.notes.calls == [("spawn", "alice"), ("remove", "alice")]
    assert office.repositories.applied("alice").in_force() is None
    assert office.repositories.meta.deployed() == {}
    assert [draft["name"] for draft in approvals.drafts(office.directory)] == ["alice"]
    assert [(event["event"], event.get("ok")) for event in office.events()] == [
        ("approval_resolved", None),
        ("spawned", False),
    ]
    again = office.author("alice").commit({"agent.toml": 'model = "haiku"\n'})
    second = office.proposer().spawn_commit("alice", again, None).approval_id
    office.approve(second)
    assert office.finish(second).status == "approved"


def test_nobody_proposes_what_is_just_being_spawned(office):
    office.proposer().draft("alice")
    sha = office.author("alice").commit({"agent.toml": 'prompt = "never-ready"\n'})
    number = office.proposer().spawn_commit("alice", sha, None).approval_id
    office.approve(number)
    error = refused(office.proposer().spawn_commit, "alice", sha, None)
    assert (error.code, error.message) == ("conflict", f"approval {number} of alice is being carried out")
    office.finish(number)


def test_an_agent_that_came_to_be_meanwhile_is_not_touched_by_the_spawn_that_fails(office):
    number = office.proposer().spawn("alice", None).approval_id
    office.agent("alice")
    office.approve(number)
    row = office.finish(number)
    assert row.status == "failed"
    assert "already" in row.note
    assert office.notes.calls == []
    assert office.disagreement("alice") == {}


def test_a_destroyed_agent_is_revived_with_the_configuration_it_had_last(office):
    author = office.agent("alice")
    number, sha = office.propose("alice", 'model = "opus"\n')
    office.approve(number)
    office.finish(number)
    office.notes.remove("alice")
    office.directory.tell(QUEUE, AgentsChanged())
    author.commit({"agent.toml": 'model = "evil"\n'})

    reply = office.proposer("operator").revive("alice")
    assert reply.sha == sha
    office.approve(reply.approval_id)
    assert office.finish(reply.approval_id).status == "approved"
    assert office.disagreement("alice") == {}
    assert office.row(reply.approval_id).description == "revive alice with the state it left"


@pytest.mark.parametrize("name", ["manager", "hm1nd", "operator", "Alice", "a/b", "..", "-x", "x" * 33])
def test_a_name_nobody_can_have_is_refused_everywhere(office, name):
    proposer = office.proposer()
    for call, args in (
        (proposer.draft, ()),
        (proposer.spawn, (None,)),
        (proposer.spawn_commit, ("a" * 40, None)),
        (proposer.revive, ()),
    ):
        assert refused(call, name, *args).code == "bad_request"


def test_what_does_not_fit_the_state_of_an_agent_is_refused(office):
    office.agent("bob")
    proposer = office.proposer()
    assert refused(proposer.spawn, "bob", None).code == "conflict"
    assert refused(proposer.draft, "bob").code == "conflict"
    assert refused(proposer.revive, "bob").code == "conflict"
    assert refused(proposer.revive, "alice").code == "not_found"
    assert refused(proposer.spawn_commit, "alice", "a" * 40, None).code == "not_found"
    assert refused(proposer.apply_commit, "alice", "a" * 40, None).code == "not_found"
    assert refused(proposer.apply_commit, "bob", "a" * 40, None).code == "not_found"
    proposer.spawn("alice", None)
    assert refused(proposer.spawn, "alice", None).code == "conflict"
