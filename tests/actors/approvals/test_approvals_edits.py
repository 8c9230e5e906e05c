"""What the operator edits, takes back, withdraws and discards: commits of the host's, through the queue of everybody."""

import pytest

from actors.approvals import api as approvals
from harness.wire.errors import HiveError

pytestmark = pytest.mark.slow


@pytest.fixture
def edits(office):
    office.agent("alice", 'model = "haiku"\nwarm_seconds = 60\n\n[env]\nA = "1"\n')
    return approvals.edits(office.directory, by="operator", clock=office.clock)


def refused(act, code):
    with pytest.raises(HiveError) as refusal:
        act()
    assert refusal.value.code == code
    return refusal.value


def in_force(office, path="agent.toml"):
    applied = office.repositories.applied("alice")
    return applied.text(applied.in_force(), path)


def deploy(office, reply):
    office.approve(reply.approval_id)
    return office.finish(reply.approval_id)


def edit(edits, texts, description=None):
    sha, _ = edits.source("alice", "agent.toml")
    return edits.edit("alice", sha, texts, description)


def test_an_edit_is_a_commit_of_the_operator_on_top_of_what_is_in_force(office, edits):
    before = office.repositories.applied("alice").in_force()
    reply = edit(edits, {"agent.toml": 'model = "opus"\n', "prompts/role.md": "Write.\n"}, "a better model")
    git = office.repositories.applied("alice").git
    assert git.run("show", "-s", "--format=%P %an %cn %s", reply.sha).split(maxsplit=3) == [
        before, "operator", "hive", "a better model\n",
    ]  # fmt: skip
    row = deploy(office, reply)
    assert (row.status, row.description) == ("approved", "a better model")
    assert in_force(office) == 'model = "opus"\n'
    assert in_force(office, "prompts/role.md") == "Write.\n"
    assert office.disagreement("alice") == {}
    (decision,) = approvals.decisions(office.directory)
    assert (decision["sha"], decision["decided_by"]) == (reply.sha, "operator")


def test_the_source_of_an_edit_is_the_exact_text(office, edits):
    odd = 'model = "haiku"\n# zero\u200bwidth, tab\t, no end'
    deploy(office, edit(edits, {"agent.toml": odd}))
    assert edits.source("alice", "agent.toml") == (office.repositories.applied("alice").in_force(), odd)
    assert edits.source("alice", "no.md")[1] is None
    deploy(office, edit(edits, {'odd "name".md'.replace('"', "'"): "x"}))
    assert edits.source("alice", "odd 'name'.md")[1] == "x"


def test_a_file_is_removed_and_an_executable_stays_one(office, edits):
    author = office.author("alice")
    author.write("run.sh", "#!/bin/sh\n")
    (author.folder / "run.sh").chmod(0o755)
    reply = office.proposer().apply_commit("alice", author.commit({"gone.md": "x"}), None)
    deploy(office, reply)
    deploy(office, edit(edits, {"run.sh": "#!/bin/sh\nexit\n", "gone.md": None}))
    git = office.repositories.applied("alice").git
    listing = git.run("ls-tree", "-r", office.repositories.applied("alice").in_force())
    assert "100755" in next(line for line in listing.splitlines() if line.endswith("run.sh"))
    assert "gone.md" not in listing


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"agent.toml": "no toml"}, "bad_request"),
        ({"agent.toml": None}, "not_found"),
        ({"../x": "y"}, "bad_request"),
        ({".git/hooks/x": "y"}, "bad_request"),
        ({"a.md": "x" * 300_000}, "too_large"),
    ],
)
def test_an_edit_that_is_wrong_is_refused_and_leaves_no_row(office, edits, texts, code):
    refused(lambda: edit(edits, texts), code)
    assert approvals.rows(office.directory) == []
    assert office.repositories.applied("alice").git.run("for-each-ref", "refs/edits") == ""


def test_an_edit_of_what_is_not_in_force_any_more_is_a_conflict(office, edits):
    sha, text = edits.source("alice", "agent.toml")
    refused(lambda: edits.edit("alice", sha, {"agent.toml": text}, None), "conflict")  # nothing was changed
    deploy(office, edit(edits, {"agent.toml": 'model = "opus"\n'}))
    refused(lambda: edits.edit("alice", sha, {"agent.toml": 'model = "sonnet"\n'}, None), "conflict")
    refused(lambda: edits.source("nobody", "agent.toml"), "not_found")


def test_a_revert_takes_one_change_back_and_keeps_what_came_after(office, edits):
    _, text = edits.source("alice", "agent.toml")
    first = edit(edits, {"agent.toml": text.replace("haiku", "opus")})
    deploy(office, first)
    deploy(office, edit(edits, {"agent.toml": in_force(office).replace('A = "1"', 'A = "2"'), "b.md": "b"}))
    reply = edits.revert(first.approval_id, None)
    assert office.row(reply.approval_id).description == f"reverts approval {first.approval_id}"
    deploy(office, reply)
    assert in_force(office) == text.replace('A = "1"', 'A = "2"')
    assert in_force(office, "b.md") == "b"
    refused(lambda: edits.revert(first.approval_id, None), "conflict")  # nothing of it is left
    deploy(office, edits.revert(reply.approval_id, None))
    assert in_force(office) == text.replace("haiku", "opus").replace('A = "1"', 'A = "2"')


def test_a_revert_into_lines_that_were_changed_since_is_refused(office, edits):
    first = edit(edits, {"agent.toml": 'model = "opus"\n'})
    deploy(office, first)
    deploy(office, edit(edits, {"agent.toml": 'model = "sonnet"\n'}))
    refusal = refused(lambda: edits.revert(first.approval_id, None), "conflict")
    assert "agent.toml" in refusal.message
    assert "hive config edit alice" in refusal.hint


def test_only_a_deployed_change_of_an_agent_is_reverted(office, edits):
    number, _ = office.propose("alice", 'model = "opus"\n')
    refused(lambda: edits.revert(number, None), "conflict")
    office.deny(number)
    office.finish(number)
    refused(lambda: edits.revert(number, None), "conflict")
    refused(lambda: edits.revert(99, None), "not_found")
    spawned = office.proposer().spawn("bob", None)
    deploy(office, spawned)
    assert "hive destroy bob" in refused(lambda: edits.revert(spawned.approval_id, None), "conflict").hint


def test_a_proposer_takes_back_what_it_proposed_and_nothing_else(office, edits):
    mine = edit(edits, {"agent.toml": 'model = "opus"\n'})
    theirs, _ = office.propose("alice", 'model = "sonnet"\n')
    operator = office.proposer(by="operator")
    assert "hive deny" in refused(lambda: operator.withdraw(theirs), "forbidden").hint
    refused(lambda: office.proposer().withdraw(mine.approval_id), "forbidden")
    operator.withdraw(mine.approval_id)
    office.proposer().withdraw(theirs)
    rows = {row.id: (row.status, row.note) for row in approvals.rows(office.directory)}
    assert rows == {
        mine.approval_id: ("cancelled", "withdrawn by operator"),
        theirs: ("cancelled", "withdrawn by manager"),
    }
    assert [event["status"] for event in office.events()] == ["cancelled", "cancelled"]
    refused(lambda: operator.withdraw(mine.approval_id), "conflict")
    assert approvals.decisions(office.directory) == []


def test_a_draft_is_discarded_once_nothing_of_it_waits(office):
    operator = office.proposer(by="operator")
    operator.draft("bob")
    folder = office.repositories.workspace.of("bob").proposal
    number = operator.spawn_commit("bob", office.author("bob").head(), None).approval_id
    assert str(number) in refused(lambda: operator.discard("bob"), "conflict").message
    operator.withdraw(number)
    operator.discard("bob")
    assert not folder.exists()
    assert approvals.drafts(office.directory) == []
    refused(lambda: operator.discard("bob"), "not_found")
    operator.draft("bob")  # the name is free again
    assert folder.is_dir()


def test_an_agent_is_no_draft(office, edits):
    refused(lambda: office.proposer(by="operator").discard("alice"), "not_found")
    assert office.repositories.workspace.of("alice").config.is_dir()
