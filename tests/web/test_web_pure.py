"""The pages' decisions without a page: diffs, what needs somebody, how things stand, charts, remarks."""

import subprocess

import pytest

from harness.wire.agent_api import Message, Question
from harness.wire.operator_rows import AgentRow, ApprovalRow, OperatorEvent
from tests.needs import needs as needs_program
from web import alerts, charts, diffs, notices, standing, text
from web.look import Tone
from web.needs import Kind, needs

AT = "2026-03-01T12:00:00.000Z"
NOW = 1_772_366_400_000


def git(folder, *arguments):
    identity = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "core.hooksPath=/dev/null")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@needs_program("git")
@pytest.mark.slow
def test_git_s_own_diff_is_understood_whatever_the_files_hold(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.toml").write_text("one\ntwo\n-- a/evil\n")
    (tmp_path / "old name").write_text("x\n" * 9)
    (tmp_path / "gone").write_text("bye")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "1")
    (tmp_path / "a.toml").write_text("one\n2\n+++ b/other\ndiff --git a/x b/x\n@@ -1 +1 @@\n")
    (tmp_path / "a.toml").chmod(0o755)
    (tmp_path / "old name").rename(tmp_path / 'n"ew ü\\t')
    (tmp_path / "gone").unlink()
    (tmp_path / "empty").touch()
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "2")
    found = diffs.parse(git(tmp_path, "diff", "--find-renames", "--text", "HEAD~", "HEAD", "--"))
    told = {one.path: (one.change, one.before, one.added, one.removed) for one in found.files}
    assert told == {
        "a.toml": ("mode changed", None, 4, 2),
        "empty": ("new", None, 0, 0),
        "gone": ("deleted", None, 0, 1),
        'n"ew ü\\t': ("renamed", "old name", 0, 0),
    }
    assert (found.added, found.removed, found.rest) == (4, 3, [])
    assert diffs.Line("+", "diff --git a/x b/x") in found.files[0].lines
    assert diffs.Line("\\", "No newline at end of file") in found.files[2].lines


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"b/caf\\303\\251"', "café"),
        ('"b/a\\\\b"', "a\\b"),
        ('"b/\\342\\200\\256txt.exe"', '"b/\\342\\200\\256txt.exe"'),
        ('"b/a\\tb"', '"b/a\\tb"'),
        ('"b/\\033[2J"', '"b/\\033[2J"'),
    ],
)
def test_a_file_name_can_not_turn_the_page_round(written, shown):
    assert diffs.parse(f"diff --git a/x b/x\n--- a/x\n+++ {written}\n").paths == [shown]


def test_what_is_no_diff_is_shown_and_a_cut_is_told():
    found = diffs.parse("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n\n… cut here: 7 more characters.\n")
    assert found.files[0].removed == 1
    assert found.rest == ["… cut here: 7 more characters."]
    assert diffs.parse("").files == []
    assert diffs.brief(["a", "b", "c", "d"]) == "a, b +2"


def approval(**changes):
    return ApprovalRow.model_validate(
        {"id": 1, "agent": "bob", "kind": "apply_commit", "status": "pending", "requested_at": AT} | changes
    )


def question(**changes):
    return Question.model_validate(
        {"id": 1, "asker": "bob", "target": "operator", "question": "?", "options": [], "multi": False, "asked_at": AT}
        | changes
    )


def mail(number, sender="bob"):
    return Message.model_validate({"id": number, "from": sender, "to": "operator", "body": "hi\nyou", "sent_at": AT})


def test_needs_are_ranked_and_only_those_of_the_operator_are_in():
    found = needs(
        agents=[
            AgentRow(name="ann", running=True, note="has mail but shows no life", pending=3),
            AgentRow(name="bob", failed=True, state="parked", note="parked: four ends in a minute"),
            AgentRow(name="cat", running=True, needs_login=True),
            AgentRow(name="dan", failed=True, transient="restarting"),
            AgentRow(name="eve", role="peer", running=True, note="anything"),
            AgentRow(name="fay", running=True),
        ],
        inbox=[mail(1), mail(2), mail(3), mail(4, "operator")],
        seen=1,
        approvals=[approval(), approval(id=2, status="approved"), approval(id=3, status="denied")],
        questions=[question(), question(id=2, target="ann"), question(id=3, status="expired")],
    )
    assert [(one.kind, one.key, one.word) for one in found] == [
        (Kind.FAILED, "failed-bob", "parked"),
        (Kind.LOGIN, "login-cat", ""),
        (Kind.QUESTION, "question-1", ""),
        (Kind.APPROVAL, "approval-1", ""),
        (Kind.DEGRADED, "degraded-ann", ""),
        (Kind.MAIL, "mail-bob", ""),
    ]
    assert found[4].sentence.endswith("3 unfinished")
    assert found[4].actions == ("restart", "pause", "log")
    assert found[5].ids == (2, 3)
    assert needs() == []


def test_alerts_have_one_key_for_each_event():
    found = alerts.alerts([approval(), approval(id=2)], [question()], [mail(5), mail(6)], seen=5)
    assert [one.key for one in found] == ["approval-1", "approval-2", "question-1", "mail-6"]
    assert found[3].body == "hi"


@pytest.mark.parametrize(
    ("status", "tag", "word"),
    [
        ("pending", "proposal/1", "pending"),
        ("approved", "approved/1", "being carried out"),
        ("approved", "building/1", "being carried out"),
        ("approved", "deployed/1", "deployed"),
        ("failed", "failed/1", "failed"),
        ("denied", None, "denied"),
        ("cancelled", None, "cancelled"),
        ("postponed", None, "postponed"),
    ],
)
def test_an_approval_s_state_is_a_word(status, tag, word):
    assert standing.of_approval(approval(status=status, tag=tag)).word == word


def test_remarks_are_made_of_notices_and_of_ends_only():
    def said(kind, **data):
        return notices.remark(OperatorEvent(seq=1, at=AT, kind=kind, data=data))

    assert said("notice", level="warning", text="x", agent="bob") == (Tone.WAIT, "x", "bob")
    assert said("notice", level="dire", text="x") == (Tone.CALM, "x", None)
    assert (
        said("approval", id=1, agent="manager", status="approved", tag="deployed/1")[1]
        == "approval #1 of hm1nd is deployed"
    )
    assert said("approval", id=1, agent="bob", status="pending") is None
    assert said("question", id=1, asker="bob", status="answered") is None
    assert said("agent", name="bob") is None


def test_charts_gather_points_into_equal_spans():
    hour = 3_600_000
    series = {
        "ann": {"turns": [[NOW - hour + 1, 1], [NOW - hour + 2, 1], [NOW, 1]], "turn_duration_ms": [[NOW, 2000]], "tool.mcp__hive__send": [[NOW, 4]]},
        "bob": {"turns": [[NOW - hour + 3, 1], [NOW - 2 * hour, 9]], "turn_duration_ms": [[NOW, 4000]], "tool.Bash": [[NOW, 5]], "outcome.rate_limited": [[NOW, 1]]},
        "*": {"approvals_pending": [[NOW - hour // 2, 2]]},
    }  # fmt: skip
    found = charts.figures(series, NOW - hour, NOW)
    drawn = {one.key: {line.name: line.values for line in one.lines} for one in found.charts}
    assert drawn["turns"]["turns"] == [3.0, *[0.0] * 58, 1.0]
    assert drawn["duration"]["p50"][-2:] == [None, 3.0]
    assert drawn["duration"]["p95"][-1] == pytest.approx(3.9)
    assert drawn["outcomes"]["rate_limited"][-1] == 1
    assert drawn["approvals"]["pending"] == [None] * 30 + [2.0] * 30
    assert found.tools == [("Bash", 5), ("send", 4)]
    assert "notes" not in drawn
    assert charts.figures({}, NOW - hour, NOW).charts == []


@pytest.mark.parametrize(
    ("seconds", "left", "when"),
    [
        (252, "04:12", "in 4m"),
        (3_725, "1:02:05", "in 1h"),
        (0, "00:00", "due"),
        (-5, "00:00", "due"),
        (59, "00:59", "in 59s"),
    ],
)
def test_what_is_to_come_is_counted_down(seconds, left, when):
    now = NOW - seconds * 1000
    assert (text.until(AT, now), text.within(AT, now)) == (left, when)
    assert text.until(None, now) == "—"
