"""The commands about approvals and configurations: one request each, and what they print."""

import json
import os

import pytest
from click.testing import CliRunner

from actors.cli.commands.approvals import comments, decisions, proposals
from actors.cli.commands.config import show as config
from harness.wire.agent_api import ApprovalReply
from harness.wire.operator_api import ApprovalsReply, DiffReply, RowsReply, TextReply
from harness.wire.operator_api.comments import ApprovalNotesReply, CommentReply
from harness.wire.operator_rows import ApprovalRow
from harness.wire.review import ApproveReply, PartReply, ReviewReply

SHA = "ab" * 20
AT = "2026-01-02T03:04:05.000Z"


@pytest.fixture
def run(daemon, run_dir, monkeypatch):
    def call(command, *arguments, color=False):
        env = {name: None for name in os.environ if name.startswith("HIVE_")} | {
            "HIVE_RUN_DIR": str(run_dir),
            "HIVE_STATE_DIR": str(run_dir),
        }
        return CliRunner().invoke(command, arguments, env=env, color=color)

    return call


def row(id_, status, **rest):
    return ApprovalRow(id=id_, agent="alice", kind="apply_commit", status=status, requested_at=AT, sha=SHA, **rest)


def test_pending_proposals_are_listed_and_the_decided_ones_on_demand(daemon, run):
    daemon.answers["pending"] = ApprovalsReply(
        approvals=[row(1, "denied", note="no\x1b[2J"), row(2, "pending", description="more")]
    )
    assert "#1" not in run(decisions.pending).stdout
    every = run(decisions.pending, "--all").stdout
    assert "denied" in every
    assert "\x1b" not in every
    assert [one["id"] for one in json.loads(run(decisions.pending, "--json").stdout)] == [2]
    daemon.answers["pending"] = ApprovalsReply(approvals=[])
    assert run(decisions.pending).stdout == "No proposal waits for you.\n"


@pytest.mark.parametrize(
    ("line", "frame", "printed"),
    [
        ((decisions.deny, "7"), {"cmd": "deny", "id": 7}, "denied #7"),
        ((decisions.deny, "7", "--note", "why"), {"cmd": "deny", "id": 7, "note": "why"}, "denied #7"),
        ((proposals.revive, "bob"), {"cmd": "revive", "name": "bob"}, "waits as #9"),
    ],
)
def test_a_decision_is_one_request_and_one_line(daemon, run, line, frame, printed):
    daemon.answers["revive"] = ApprovalReply(approval_id=9, sha=SHA)
    result = run(*line)
    assert (result.exit_code, daemon.requests) == (0, [frame])
    assert result.stdout.startswith(printed)


def review(**more):
    rows = {"id": 7, "sha": SHA, "base_sha": "cd" * 20} | more
    return ReviewReply.model_validate(rows)


FILE = {
    "path": "x",
    "change": "changed",
    "size": 4,
    "sha256": "0" * 64,
    "lines": "@@@ -1 +1 @@\n-old\n+new\u202e\x1b]0;t",
}
LONG = {"part": "aa11", "what": "a.bin", "why": "binary: 9 bytes, sha256 00"}


def test_an_approval_names_the_commit_that_was_looked_at(daemon, run):
    daemon.answers |= {"approval_review": review(), "approve": ApproveReply()}
    result = run(decisions.approve, "7")
    assert result.stdout.startswith("approved #7")
    assert daemon.requests == [
        {"cmd": "approval_review", "id": 7},
        {"cmd": "approve", "id": 7, "sha": SHA, "base_sha": "cd" * 20},
    ]


def test_an_approval_that_waits_for_another_one_says_for_which(daemon, run):
    daemon.answers |= {"approval_review": review(behind=5), "approve": ApproveReply(behind=5)}
    assert run(decisions.approve, "7").stdout.startswith("approved #7; it is carried out after #5")


def test_what_it_takes_back_is_said_and_approved_only_on_request(daemon, run):
    undone = {"id": 5, "sha": "ef" * 20, "files": ["agent.toml"], "description": "more tools"}
    daemon.answers |= {"approval_review": review(undoes=[undone]), "approve": ApproveReply()}
    result = run(decisions.approve, "7")
    assert "TAKES BACK WHAT WAS APPROVED (1)\n  approval #5 in agent.toml  more tools" in result.stderr
    assert "undoes" not in daemon.requests[-1]
    run(decisions.approve, "7", "--undo")
    assert daemon.requests[-1]["undoes"] == [5]


def test_what_is_not_shown_is_listed_and_accepted_only_on_request(daemon, run):
    daemon.answers |= {"approval_review": review(unshown=[LONG]), "approve": ApproveReply()}
    result = run(decisions.approve, "7")
    assert "a.bin" in result.stderr
    assert "--part aa11" in result.stderr
    assert "accepts" not in daemon.requests[-1]
    run(decisions.approve, "7", "--accept-unshown", "--sha", "abab")
    assert daemon.requests[-1] == {
        "cmd": "approve", "id": 7, "sha": "abab", "base_sha": "cd" * 20, "accepts": ["aa11"],
    }  # fmt: skip


def test_a_review_is_coloured_and_nothing_in_it_acts_on_the_terminal(daemon, run):
    change = {"topic": "binds", "name": "/x", "after": "/srv (writable)", "widens": True}
    daemon.answers["approval_review"] = review(
        files=[FILE], effective=[change], remarks=["limits.pids is not enforced"], unshown=[LONG]
    )
    daemon.answers["approval_notes"] = ApprovalNotesReply()
    shown = run(decisions.diff, "3", "--base", "previous", color=True).stdout
    assert shown.index("WHAT CHANGES IN EFFECT") < shown.index("NOT SHOWN") < shown.index("-old")
    assert "binds./x: - → /srv (writable)" in shown
    assert "limits.pids is not enforced" in shown
    assert "\x1b[31m-old" in shown
    assert "\x1b]0" not in shown
    assert "\\u{202e}\\u{1b}]0;t" in shown
    assert [one["cmd"] for one in daemon.requests] == ["approval_review", "approval_notes"]
    assert all((one["id"], one["base"]) == (3, "previous") for one in daemon.requests)
    daemon.answers |= {"approval_review": review(), "approve": ApproveReply()}
    assert "No file differs" in run(decisions.diff, "3").stdout
    assert json.loads(run(decisions.diff, "3", "--json").stdout)["sha"] == SHA


def test_a_part_is_shown_in_full(daemon, run):
    daemon.answers["approval_part"] = PartReply(part="aa11", what="x", text="+one\n+two", offset=0, next_offset=None)
    assert run(decisions.diff, "3", "--part", "aa11").stdout == "        1 +one\n        2 +two\n"
    assert daemon.requests == [{"cmd": "approval_part", "id": 3, "base": "running", "part": "aa11", "offset": 0}]


def test_a_binary_part_has_no_marks_and_no_numbers(daemon, run):
    daemon.answers["approval_part"] = PartReply(
        part="aa11", what="x", text="+\x1bone\n@two", offset=0, next_offset=None, marked=False
    )
    assert run(decisions.diff, "3", "--part", "aa11").stdout == "+\\u{1b}one\n@two\n"


def noted(number, **more):
    row = {
        "id": number, "approval_id": 7, "state": "draft", "path": "x", "source": "config", "side": "new", "line": 1,
        "quoted": "new", "text": f"words {number}", "written_by": "operator", "written_at": AT,
    }  # fmt: skip
    return row | more


def test_comments_stand_below_their_lines_and_the_decision_at_the_end(daemon, run):
    daemon.answers["approval_review"] = review(files=[FILE])
    decision = {"verdict": "denied", "at": AT, "decided_by": "operator (uid 0)", "note": "no\x1b[2J"}
    daemon.answers["approval_notes"] = ApprovalNotesReply(
        comments=[
            noted(1), noted(2, side="old", state="sent"), noted(3, line=9, outdated=True), noted(4, line=None),
            noted(5, path="gone.md", line=3), noted(6, text="two\nlines\x1b]0;t"),
        ],
        decision=decision,
    )  # fmt: skip
    shown = run(decisions.diff, "7").stdout.splitlines()
    below = {line: shown[number + 1 : number + 3] for number, line in enumerate(shown) if line[9:11] in {" -", " +"}}
    (old, new) = below.values()
    assert old == ["      ┃ comment 2", "      ┃ words 2"]
    assert new == ["      ┃ draft comment 1", "      ┃ words 1"]
    text = "\n".join(shown)
    assert "┃ draft comment 3 on line 9 (its line is gone): new" in text
    assert "┃ draft comment 4 on the file: new" in text
    assert text.index("gone.md") < text.index("words 5")
    assert "┃ two\n      ┃ lines\\u{1b}]0;t" in text
    assert shown[-2].endswith("by operator (uid 0): no\\u{1b}[2J")
    assert json.loads(run(decisions.diff, "7", "--json").stdout)["comments"][1]["state"] == "sent"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("agent.toml:3:why?", {"path": "agent.toml", "side": "new", "line": 3, "text": "why?"}),
        ("a b/c.md:-12:x:4:y\nz", {"path": "a b/c.md", "side": "old", "line": 12, "text": "x:4:y\nz"}),
        ("tool.bin::no binaries", {"path": "tool.bin", "side": "new", "text": "no binaries"}),
    ],
)
def test_a_comment_names_its_file_and_line(daemon, run, given, wanted):
    daemon.answers["comment"] = CommentReply(comment_id=4, quoted="x")
    assert run(comments.comment, "add", "7", given).stdout.startswith("comment 4 on #7 is a draft")
    run(decisions.deny, "7", "--comment", given, "--comment", "b:1:c")
    daemon.answers |= {"approval_review": review(), "approve": ApproveReply()}
    run(decisions.approve, "7", "--comment", given, "--note", "fine")
    other = {"path": "b", "side": "new", "line": 1, "text": "c"}
    assert daemon.requests[0] == {"cmd": "comment", "id": 7, "comment": wanted}
    assert daemon.requests[1] == {"cmd": "deny", "id": 7, "comments": [wanted, other]}
    assert (daemon.requests[3]["comments"], daemon.requests[3]["note"]) == ([wanted], "fine")


@pytest.mark.parametrize(
    "given", ["agent.toml", "agent.toml:3", ":3:x", "agent.toml:0:x", "agent.toml:-:x", "a:3:", ""]
)
def test_what_is_no_comment_is_refused_before_anything_is_sent(daemon, run, given):
    result = run(decisions.deny, "7", "--comment", given)
    assert result.exit_code == 2
    assert "FILE:LINE:TEXT" in result.stderr
    assert daemon.requests == []


def test_a_draft_is_edited_and_dropped(daemon, run):
    assert run(comments.comment, "edit", "7", "4", "better").exit_code == 0
    assert run(comments.comment, "drop", "7", "4").exit_code == 0
    assert daemon.requests == [
        {"cmd": "edit_comment", "id": 7, "comment_id": 4, "text": "better"},
        {"cmd": "drop_comment", "id": 7, "comment_id": 4},
    ]


def test_a_configuration_is_read_with_its_log_tags_and_diffs(daemon, run):
    decided = {"approval_id": 4, "verdict": "approved", "status": "approved", "at": AT, "note": "as we\x9b said"} | {
        "decided_by": "operator (uid 0, session 3)"
    }
    daemon.answers |= {
        "agent_config": TextReply(text='model = "opus"\n'),
        "config_file": TextReply(text="role\n"),
        "config_log": RowsReply(
            rows=[
                {
                    "sha": SHA,
                    "parents": [],
                    "author": "alice",
                    "address": "a",
                    "at": None,
                    "subject": "a change",
                    "approval": decided,
                }
            ]
        ),
        "config_tags": RowsReply(rows=[{"tag": "denied/3", "sha": SHA, "at": AT, "note": "too much"}]),
        "config_diff": DiffReply(diff="+new\n", base_sha=SHA, sha=SHA),
    }
    assert run(config.show, "alice").stdout == 'model = "opus"\n'
    assert run(config.file, "alice", "role.md", "--ref", "deployed/0").stdout == "role\n"
    log = run(config.log, "alice").stdout
    assert "a change" in log
    assert "#4 approved by operator (uid 0, session 3)" in log
    assert "as we\ufffd said" in log
    assert "too much" in run(config.tags, "alice").stdout
    assert run(config.diff, "alice", "deployed/0").stdout == "+new\n"
    assert daemon.requests[1]["path"] == "role.md"
