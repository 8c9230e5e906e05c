"""What is refused before anybody is asked."""

import pytest

from actors.approvals import api as approvals
from harness.wire.errors import HiveError
from tests.actors.approvals.kit import TOML

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = \n", "no TOML"),
        ('modell = "opus"\n', "modell"),
        ('[[binds]]\nsource = "/does/not/exist"\ntarget = "/srv/x"\n', "there is no"),
        ("[limits]\ncpu = -1\n", "limits.cpu"),
        ('[extraMcpServers.hive]\ncommand = "evil"\n', "hive"),
    ],
)
def test_an_invalid_configuration_is_refused_and_never_pending(office, text, said):
    office.agent("alice")
    with pytest.raises(HiveError) as refused:
        office.propose("alice", text)
    assert refused.value.code == "bad_request"
    assert refused.value.message.startswith("not proposed: ")
    assert said in refused.value.message
    assert approvals.rows(office.directory) == []


def test_a_proposal_without_a_configuration_is_refused(office):
    author = office.agent("alice")
    (author.folder / "agent.toml").unlink()
    with pytest.raises(HiveError) as refused:
        office.proposer().apply_commit("alice", author.commit({"other": "x"}), None)
    assert "agent.toml" in refused.value.message


def test_a_file_that_looks_like_a_configuration_and_is_not_read_is_refused(office):
    author = office.agent("alice")
    with pytest.raises(HiveError) as refused:
        office.proposer().apply_commit("alice", author.commit({"agent.toml": TOML, "agent.nix": "{ }"}), None)
    assert refused.value.message == "not proposed: agent.nix is not read: the configuration is agent.toml"


def test_a_bind_of_the_hives_own_files_is_refused(office):
    office.agent("alice")
    with pytest.raises(HiveError) as refused:
        office.propose("alice", f'[[binds]]\nsource = "{office.workspace.state_dir}/applied"\ntarget = "/srv/x"\n')
    assert refused.value.code == "forbidden"


def test_a_configuration_that_the_runtime_cannot_build_is_refused_before_the_operator_is_asked(office, tmp_path):
    office.agent("alice")
    seen = []

    def dry_run(agent, tree, config):
        seen.append((agent, sorted(path.name for path in tree.iterdir()), config.model))
        raise HiveError("bad_request", "the flake does not evaluate")

    object.__setattr__(office.context, "dry_run", dry_run)
    with pytest.raises(HiveError) as refused:
        office.propose("alice", 'model = "opus"\n')
    assert refused.value.message == "not proposed: the flake does not evaluate"
    assert seen == [("alice", ["agent.toml"], "opus")]


def test_a_hundred_proposals_are_a_loop_and_not_a_queue(office, monkeypatch):
    monkeypatch.setattr("actors.approvals.actor.MAX_PENDING", 2)
    office.agent("alice")
    office.propose("alice", "# 1\n" + TOML)
    office.propose("alice", "# 2\n" + TOML)
    with pytest.raises(HiveError) as refused:
        office.propose("alice", "# 3\n" + TOML)
    assert refused.value.code == "conflict"


@pytest.mark.slow
def test_a_proposer_floods_neither_the_list_nor_the_disk_and_the_operator_is_not_held_up(office, monkeypatch):
    monkeypatch.setattr("actors.approvals.actor.MAX_PROPOSED", 2)
    monkeypatch.setattr("actors.approvals.submission.proposals.MAX_DRAFTS", 3)
    first, second, operator = office.proposer(), office.proposer(), office.proposer("operator")
    first.spawn("one", None)
    number = first.spawn("two", None).approval_id
    with pytest.raises(HiveError, match="2 proposals of manager wait already"):
        second.spawn("three", None)
    with pytest.raises(HiveError, match="3 drafts already"):
        second.draft("four")
    second.draft("three")
    operator.draft("four")
    operator.spawn("five", None)
    office.deny(number)
    second.spawn("three", None)
