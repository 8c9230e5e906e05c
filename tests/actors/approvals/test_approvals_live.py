"""The whole path on real components: the manager's socket, the operator's verbs, the roster, a harness that asks for mail."""

import json

import pytest

from actors.agent.registry import api as agents
from harness.wire.errors import HiveError
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


@pytest.fixture
def hive():
    hive = Hive()
    yield hive
    hive.remove()


def test_the_manager_drafts_commits_and_proposes_and_the_operator_approves(hive):
    with hive.client("hm1nd") as manager:
        draft = manager.ask("request_spawn_draft", name="alice")
        assert draft["config_path"] == str(hive.workspace.of("alice").config)
        sha = hive.author("alice").commit({"agent.toml": 'model = "opus"\nallowedRecipients = ["manager"]\n'})
        reply = manager.ask("request_spawn_commit", name="alice", commit_ref=sha, description="a tester")
        assert (reply["ok"], reply["sha"]) == (True, sha)
        for verb in ("approve", "deny"):
            assert manager.ask(verb, id=reply["approval_id"])["code"] == "unknown_command"
    number = reply["approval_id"]
    assert '+allowedRecipients = ["manager"]' in hive.verb("approval_diff", id=number).diff
    hive.verb("approve", id=number)
    config = hive.launched(2)
    assert config["model"] == "opus"
    assert hive.status(number) == "approved"
    assert hive.resolved() == []
    with hive.client("alice") as alice:
        alice.ask("recv")
        until(lambda: hive.repositories.meta.deployed().get("alice") is not None)
        assert alice.ask("send", to="operator", body="hello")["code"] == "forbidden"
        assert alice.ask("request_apply_commit", agent="alice", commit_ref=sha)["code"] == "unknown_command"
    until(lambda: not hive.directory.whereis(f"approvals/deployers/{number}"))
    assert hive.row("alice").deployed_sha == sha[:12]
    told = hive.resolved()
    assert [(event["event"], event["agent"]) for event in told] == [
        ("approval_resolved", "alice"),
        ("spawned", "alice"),
    ]
    assert hive.verb("decisions").decisions[0]["decided_by"] == "operator (uid 1000)"
    assert hive.verb("agent_config", name="alice").text.startswith('model = "opus"')
    assert [row["tag"] for row in hive.verb("config_tags", name="alice").rows][-1] == "deployed/0"
    assert [row["author"] for row in hive.verb("config_log", name="alice").rows] == ["alice", "hive"]
    assert [row["path"] for row in hive.verb("config_files", name="alice").rows] == ["agent.toml"]
    assert hive.verb("config_file", name="alice", path="agent.toml", ref="deployed/0").text.endswith('["manager"]\n')


def test_a_change_restarts_the_agent_with_it_and_one_that_is_not_ready_is_taken_back(hive):
    agents.spawn(hive.directory, "alice")
    before = hive.repositories.applied("alice").in_force()
    author = hive.author("alice")
    with hive.client("hm1nd") as manager:
        good = manager.ask(
            "request_apply_commit", agent="alice", commit_ref=author.commit({"agent.toml": 'model = "opus"\n'})
        )
        bad = manager.ask(
            "request_apply_commit", agent="alice", commit_ref=author.commit({"agent.toml": 'model = "sonnet"\n'})
        )
        own = manager.ask(
            "request_apply_commit",
            agent="hm1nd",
            commit_ref=hive.author("hm1nd").commit({"agent.toml": 'model = "sonnet"\n'}),
        )
    assert own["ok"]
    started = len(hive.runtime.launches)
    hive.verb("approve", id=good["approval_id"])
    assert hive.launched(started + 1)["model"] == "opus"
    with hive.harness("alice") as alice:
        alice.send("recv", wait_seconds=60)
        until(lambda: hive.repositories.meta.deployed()["alice"]["sha"] == good["sha"])
        assert alice.reply()["ok"]
        assert alice.ask("ack_turn")["ok"]
    until(lambda: not hive.directory.whereis(f"approvals/deployers/{good['approval_id']}"))

    hive.clock.advance(1)  # what was asked before does not count
    hive.verb("approve", id=bad["approval_id"])
    assert hive.launched(started + 2)["model"] == "sonnet"
    until(
        lambda: (
            hive.directory.actor(f"approvals/deployers/{bad['approval_id']}").state_word() == "waiting for the harness"
        )
    )
    hive.clock.advance(91)
    until(lambda: hive.status(bad["approval_id"]) == "failed")
    assert hive.launched(started + 3)["model"] == "opus"
    assert hive.repositories.applied("alice").in_force() == good["sha"] != before
    assert hive.row("alice").deployed_sha == good["sha"][:12]
    assert [event["ok"] for event in hive.resolved() if event["event"] == "rebuilt"] == [True, False]


def test_a_stopped_agent_takes_the_change_with_its_next_start(hive):
    agents.spawn(hive.directory, "alice")
    agents.stop(hive.directory, "alice")
    started = len(hive.runtime.launches)
    with hive.client("hm1nd") as manager:
        reply = manager.ask(
            "request_apply_commit",
            agent="alice",
            commit_ref=hive.author("alice").commit({"agent.toml": 'model = "opus"\n'}),
        )
    hive.verb("approve", id=reply["approval_id"])
    until(lambda: hive.repositories.meta.deployed()["alice"]["sha"] == reply["sha"])
    assert len(hive.runtime.launches) == started
    agents.start(hive.directory, "alice")
    assert hive.launched(started + 1)["model"] == "opus"


def test_the_operators_own_proposals_drafts_and_revivals(hive):
    number = hive.verb("request_spawn", name="alice").approval_id
    assert [row["name"] for row in hive.verb("drafts").rows] == ["alice"]
    hive.verb("deny", id=number, note="not now")
    assert [row.status for row in hive.verb("pending").approvals] == ["denied"]
    agents.spawn(hive.directory, "bob")
    agents.destroy(hive.directory, "bob")
    reply = hive.verb("revive", name="bob")
    assert reply.sha == hive.repositories.applied("bob").in_force()
    with pytest.raises(HiveError) as refused:
        hive.verb("revive", name="hm1nd")
    assert refused.value.code == "forbidden"


def test_a_bind_that_the_runtime_cannot_show_is_refused_before_the_operator_is_asked(hive):
    agents.spawn(hive.directory, "alice")
    (hive.place / "project").mkdir()
    text = f'[[binds]]\nsource = "{hive.place}/project"\ntarget = "/srv/elsewhere"\n'
    with hive.client("hm1nd") as manager:
        reply = manager.ask(
            "request_apply_commit", agent="alice", commit_ref=hive.author("alice").commit({"agent.toml": text})
        )
    assert (reply["ok"], reply["code"]) == (False, "conflict")
    assert "which `process` cannot do" in reply["error"]
    assert hive.verb("pending").approvals == []


def test_an_agent_that_rewrites_its_own_copy_changes_nothing(hive):
    agents.spawn(hive.directory, "alice")
    hive.author("alice").commit({"agent.toml": 'model = "opus"\n'})
    agents.restart(hive.directory, "alice")
    assert json.loads(hive.workspace.of("alice").config_json.read_text())["model"] == "haiku"
