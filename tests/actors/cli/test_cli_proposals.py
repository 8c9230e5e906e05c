"""Proposals of the operator's own: `hive config edit`, `revert`, `propose`, `withdraw`, `draft`."""

import stat
from pathlib import Path

import pytest

from harness.wire.agent_api import ApprovalReply
from harness.wire.agent_api.proposals import DraftReply
from harness.wire.errors import bad_request, conflict
from harness.wire.operator_api import NamesReply, RowsReply, SourceReply
from harness.wire.operator_api.approvals import UndoPreviewReply, UndoReply, WithdrawReply
from harness.wire.review import ApproveReply, ReviewReply, Undone, Unshown

SHA, BASE = "ab" * 20, "cd" * 20
TEXT = 'model = "haiku"\n'


@pytest.fixture
def editor(run_dir, monkeypatch):
    """Makes a program `$VISUAL` of these shell lines; the file is `$1`."""

    def make(*lines: str):
        program = run_dir / "editor"
        program.write_text("\n".join(["#!/bin/sh", *lines]))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("VISUAL", str(program))

    return make


@pytest.fixture(autouse=True)
def answers(daemon):
    daemon.answers |= {
        "config_source": SourceReply(sha=BASE, text=TEXT),
        "request_edit": ApprovalReply(approval_id=7, sha=SHA),
        "request_revert": ApprovalReply(approval_id=7, sha=SHA),
        "withdraw": WithdrawReply(effect="nothing was changed"),
        "approval_review": ReviewReply(id=7, sha=SHA, base_sha=BASE),
        "approve": ApproveReply(),
    }


def changes(daemon):
    reads = {"config_source", "approval_review", "undo_preview", "list"}
    return [frame for frame in daemon.requests if frame["cmd"] not in reads]


EDIT = {"cmd": "request_edit", "name": "alice", "base_sha": BASE}
APPROVE = {"cmd": "approve", "id": 7, "sha": SHA, "base_sha": BASE}


def test_an_edit_is_proposed_shown_and_deployed_on_a_yes(daemon, hive, editor):
    editor('sed -i s/haiku/opus/ "$1"')
    result = hive("config", "edit", "alice", "--description", "better", stdin="y\n")
    assert result.exit_code == 0
    assert "WHAT CHANGES IN EFFECT" in result.stdout
    assert changes(daemon) == [
        EDIT | {"files": {"agent.toml": 'model = "opus"\n'}, "description": "better"},
        APPROVE,
    ]


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_no_and_the_end_of_the_input_withdraw_it(daemon, hive, editor, answer):
    editor('sed -i s/haiku/opus/ "$1"')
    result = hive("config", "edit", "alice", stdin=answer)
    assert (result.exit_code, changes(daemon)[1:]) == (0, [{"cmd": "withdraw", "id": 7}])
    assert "nothing was changed" in result.stdout


def test_an_editor_that_changes_nothing_proposes_nothing(daemon, hive, editor):
    for lines in ("true", 'touch -d 2030-01-01 "$1"'):
        editor(lines)
        assert hive("config", "edit", "alice").stdout == "nothing was changed\n"
    assert changes(daemon) == []


def test_a_refused_text_is_edited_again_from_where_it_was(daemon, hive, editor):
    editor('sed -i s/haiku/nonsense/ "$1"; sed -i s/nonsense$/"opus\\""/ "$1"; echo "# x" >> "$1"')
    answers = iter([bad_request("agent.toml: no such model", "use another one"), ApprovalReply(approval_id=7, sha=SHA)])
    daemon.answers["request_edit"] = lambda _frame: next(answers)
    result = hive("config", "edit", "alice", stdin="y\ny\n")
    assert "Error: agent.toml: no such model\nTry: use another one" in result.stderr
    first, second, approved = changes(daemon)
    assert second["files"]["agent.toml"] == first["files"]["agent.toml"] + "# x\n"
    assert approved == APPROVE


def test_what_was_written_for_nothing_is_kept(daemon, hive, editor, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    editor('sed -i s/haiku/opus/ "$1"')
    for refusal in (bad_request("wrong"), conflict("another configuration is in force")):
        daemon.answers["request_edit"] = refusal
        result = hive("config", "edit", "alice", stdin="n\n")
        assert result.exit_code == 1
        kept = Path(result.stderr.split("is kept in ")[1].split()[0])
        assert kept.read_text() == 'model = "opus"\n'
        assert kept.stat().st_mode & 0o077 == 0


def test_a_script_gives_the_text_and_the_yes(daemon, hive):
    result = hive("config", "edit", "alice", "notes.md", "--file", "-", "--yes", stdin="new\n")
    assert result.exit_code == 0
    assert changes(daemon) == [EDIT | {"files": {"notes.md": "new\n"}}, APPROVE]
    hive("config", "edit", "alice", "notes.md", "--remove", "--yes")
    assert changes(daemon)[2:] == [EDIT | {"files": {"notes.md": None}}, APPROVE]
    assert hive("config", "edit", "alice", "--remove", "--file", "-").exit_code == 2


def test_parts_of_ones_own_change_that_are_not_shown_are_accepted_with_the_yes(daemon, hive):
    unshown = [Unshown(part="aa11", what="prompt.md", why="long")]
    daemon.answers["approval_review"] = ReviewReply(id=7, sha=SHA, base_sha=BASE, unshown=unshown)
    hive("config", "edit", "alice", "--file", "-", "--yes", stdin="new\n")
    assert changes(daemon)[1] == APPROVE | {"accepts": ["aa11"]}


def test_ones_own_change_takes_another_one_back_only_after_the_question(daemon, hive):
    undone = [Undone(id=3, sha=SHA, files=["agent.toml"], description="more tools")]
    daemon.answers["approval_review"] = ReviewReply(id=7, sha=SHA, base_sha=BASE, undoes=undone)
    asked = hive("config", "edit", "alice", "--remove", stdin="y\n")
    assert "TAKES BACK WHAT WAS APPROVED (1)\n  approval #3 in agent.toml  more tools" in asked.stdout
    hive("config", "edit", "alice", "--remove", "--yes")
    assert [one for one in changes(daemon) if one["cmd"] == "approve"] == [APPROVE | {"undoes": [3]}, APPROVE]


def test_a_revert_is_proposed_and_deployed_on_a_yes(daemon, hive):
    daemon.answers["undo_preview"] = UndoPreviewReply(id=3, agent="alice", base_sha=BASE)
    assert hive("revert", "3", stdin="y\n").exit_code == 0
    assert changes(daemon) == [{"cmd": "request_revert", "id": 3}, APPROVE]
    hive("revert", "3", stdin="n\n")
    assert changes(daemon)[2:] == [{"cmd": "request_revert", "id": 3}, {"cmd": "withdraw", "id": 7}]


def test_a_revert_that_was_asked_for_beforehand_is_one_request(daemon, hive):
    daemon.answers["undo_preview"] = UndoPreviewReply(id=3, agent="alice", base_sha=BASE)
    daemon.answers["undo"] = UndoReply(approval_id=8, behind=5)
    assert hive("revert", "3", "--yes").stdout.startswith("approved #8; it is carried out after #5")
    assert changes(daemon) == [{"cmd": "undo", "id": 3, "base_sha": BASE}]


def test_what_is_in_the_way_of_a_revert_is_said_before_anything_is_proposed(daemon, hive):
    obstacle = {
        "obstacle": "later changes are in the same lines of agent.toml",
        "hint": "edit it",
        "conflicts": ["agent.toml"],
    }
    daemon.answers["undo_preview"] = UndoPreviewReply(id=3, agent="alice", base_sha=BASE, **obstacle)
    for more in ((), ("--yes",)):
        refused = hive("revert", "3", *more)
        assert (refused.exit_code, changes(daemon)) == (1, [])
        assert "same lines of agent.toml" in refused.stderr


def test_a_denied_change_is_proposed_again(daemon, hive):
    daemon.answers["request_again"] = ApprovalReply(approval_id=9)
    assert hive("propose-again", "3").stdout == "waits as #9: `hive approve 9`\n"


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("alice", {"cmd": "request_apply_commit", "agent": "alice", "commit_ref": "abcdef1"}),
        ("draft", {"cmd": "request_spawn_commit", "name": "draft", "commit_ref": "abcdef1"}),
    ],
)
def test_a_commit_of_an_agent_or_of_a_draft_is_proposed_and_waits(daemon, hive, name, frame):
    daemon.answers |= {"list": NamesReply(agents=["alice"]), frame["cmd"]: ApprovalReply(approval_id=9)}
    assert hive("propose", name, "abcdef1").stdout == "waits as #9: `hive approve 9`\n"
    assert changes(daemon) == [frame]


def test_withdraw_is_one_request(daemon, hive):
    assert hive("withdraw", "7").stdout == "withdrew #7: nothing was changed\n"
    assert changes(daemon) == [{"cmd": "withdraw", "id": 7}]


def test_drafts_are_made_listed_and_discarded_on_a_yes(daemon, hive):
    row = {"name": "bob", "config_path": "/c", "state_path": "/s", "approval_id": 4}
    daemon.answers |= {
        "request_spawn_draft": DraftReply(config_path="/c", state_path="/s"),
        "drafts": RowsReply(rows=[row]),
    }
    assert "/c" in hive("draft", "make", "bob").stdout
    assert "#4" in hive("draft", "list").stdout
    assert hive("draft", "discard", "bob", stdin="n\n").exit_code == 1
    assert [frame["cmd"] for frame in daemon.requests] == ["request_spawn_draft", "drafts", "drafts"]
    assert hive("draft", "discard", "bob", "--yes").stdout == "discarded the draft bob\n"
    assert daemon.requests[-1] == {"cmd": "discard_draft", "name": "bob"}
