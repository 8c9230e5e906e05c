"""Comments on the lines of a proposal: drafts of the hive's, which travel with the decision to the proposer."""

import pytest

from actors.approvals import api as approvals
from actors.approvals.comments import api as comments
from actors.approvals.comments import places
from harness.wire.errors import HiveError
from harness.wire.limits import MAX_COMMENT_BYTES, MAX_COMMENTS
from harness.wire.review.comments import NewComment
from tests.actors.approvals.kit import Office

pytestmark = pytest.mark.slow

BASE = 'model = "haiku"\n# one\n# two\n# three\nwarm_seconds = 60\n'
LONGER = BASE.replace("60", "90")


@pytest.fixture
def proposal(office):
    office.agent("alice", BASE)
    return office.propose("alice", LONGER)[0]


def comment(office, number, text="why so long?", *, path="agent.toml", line=5, side="new", base="running"):
    wanted = NewComment(path=path, line=line, side=side, text=text)
    return comments.add(office.directory, number, base, wanted, by="operator")


def notes(office, number, base="running"):
    return approvals.notes(office.directory, number, base)


def told(office):
    """The comments in the last resolution that the manager was told of."""
    return [one for one in office.events() if one["event"] == "approval_resolved"][-1]["comments"]


def test_a_draft_survives_a_restart_and_goes_with_the_denial_with_its_line(tmp_path):
    office = Office(tmp_path)
    try:
        office.agent("alice", BASE)
        proposal, _ = office.propose("alice", LONGER)
        kept = comment(office, proposal)
    finally:
        office.close()
    again = Office(tmp_path)
    try:
        (row,) = notes(again, proposal).comments
        assert (row.id, row.state, row.line, row.quoted, row.outdated) == (
            kept.id,
            "draft",
            5,
            "warm_seconds = 90",
            False,
        )
        extra = NewComment(path="agent.toml", line=1, side="old", text="keep this\none")
        approvals.deny(again.directory, proposal, "not yet", by="operator", comments=[extra])
        assert told(again) == [
            {"source": "config", "path": "agent.toml", "side": "new", "line": 5, "quoted": "warm_seconds = 90", "text": "why so long?"},
            {"source": "config", "path": "agent.toml", "side": "old", "line": 1, "quoted": 'model = "haiku"', "text": "keep this\none"},
        ]  # fmt: skip
        assert [one.state for one in notes(again, proposal).comments] == ["sent", "sent"]
    finally:
        again.close()


def test_comments_and_a_note_go_with_an_approval_when_it_has_ended(office, proposal):
    comment(office, proposal, "good")
    approvals.approve(office.directory, proposal, by="operator (uid 0, session 3)", note="as discussed")
    assert office.finish(proposal).status == "approved"
    resolved = [one for one in office.events() if one["event"] == "approval_resolved"][-1]
    assert [one["text"] for one in resolved["comments"]] == ["good"]
    assert (resolved["decision_note"], resolved["note"]) == ("as discussed", None)
    decision = notes(office, proposal).decision
    assert (decision["decided_by"], decision["note"]) == ("operator (uid 0, session 3)", "as discussed")
    assert approvals.verify(office.directory) is None


def test_a_draft_is_edited_and_dropped_and_what_was_sent_stays(office, proposal):
    first, second = comment(office, proposal, "a").id, comment(office, proposal, "b").id
    comments.edit(office.directory, proposal, first, "a, better")
    comments.edit(office.directory, proposal, second, None)
    assert [one.text for one in notes(office, proposal).comments] == ["a, better"]
    assert comment(office, proposal, "c").id > second, "no number is used again"
    office.deny(proposal)
    for change in (lambda: comments.edit(office.directory, proposal, first, None), lambda: comment(office, proposal)):
        with pytest.raises(HiveError, match="was denied already"):
            change()
    assert [one["text"] for one in told(office)] == ["a, better", "c"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"line": 6}, "line 6 of agent.toml, which has 5"),
        ({"path": "nosuch"}, "file 'nosuch'"),
        ({"path": "../../etc/passwd", "line": None}, "file '../../etc/passwd'"),
        ({"line": 2**31 - 1}, "which has 5"),
    ],
)
def test_a_comment_on_what_is_not_there_is_refused_and_leaves_nothing(office, proposal, wanted, words):
    with pytest.raises(HiveError, match=words.replace(".", r"\.")):
        comment(office, proposal, **wanted)
    with pytest.raises(HiveError, match=words.replace(".", r"\.")):
        placed = NewComment.model_validate({"path": "agent.toml", "line": 5, "text": "x"} | wanted)
        approvals.deny(office.directory, proposal, None, by="operator", comments=[placed])
    assert office.row(proposal).status == "pending"
    assert notes(office, proposal).comments == []


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MAX_COMMENT_BYTES + 1), "é" * (MAX_COMMENT_BYTES // 2 + 1)])
def test_rubbish_is_no_comment(text):
    with pytest.raises(ValueError, match="a comment has"):
        NewComment(path="agent.toml", text=text)


def test_comments_together_fit_into_the_message_that_carries_them(office, proposal):
    for _ in range(9):
        comment(office, proposal, "x" * MAX_COMMENT_BYTES)
    with pytest.raises(HiveError, match="do not fit into one message"):
        comment(office, proposal, "\N{SNOWMAN}" * (MAX_COMMENT_BYTES // 3))
    many = [NewComment(path="agent.toml", line=1, text="x") for _ in range(MAX_COMMENTS)]
    with pytest.raises(HiveError, match="do not fit into one message"):
        approvals.deny(office.directory, proposal, None, by="operator", comments=many)
    office.deny(proposal)
    assert len(told(office)) == 9


def test_a_comment_on_the_old_file_is_outdated_when_another_change_has_removed_its_line(office, proposal):
    kept = comment(office, proposal, "needed", line=3, side="old")
    stays = comment(office, proposal, "this too", line=5, side="old")
    other, _ = office.propose("alice", BASE.replace("# two\n", "# two\n# and a half\n").replace("# three\n", ""))
    office.approve(other)
    office.finish(other)
    rows = {one.id: (one.line, one.outdated) for one in notes(office, proposal).comments}
    assert rows == {kept.id: (3, False), stays.id: (5, False)}
    third, _ = office.propose("alice", 'model = "haiku"\nwarm_seconds = 60\n')
    office.approve(third)
    office.finish(third)
    rows = {one.id: (one.line, one.outdated) for one in notes(office, proposal).comments}
    assert rows == {kept.id: (3, True), stays.id: (2, False)}


def test_what_was_said_of_a_denied_proposal_is_shown_on_the_next_one_at_its_line(office, proposal):
    comment(office, proposal, "too long", line=5)
    comment(office, proposal, "why two?", line=3)
    office.deny(proposal)
    again, _ = office.propose("alice", "# new\n" + LONGER.replace("90", "80"))
    rows = {one.text: (one.approval_id, one.line, one.outdated) for one in notes(office, again).earlier}
    assert rows == {"too long": (proposal, 5, True), "why two?": (proposal, 4, False)}
    office.approve(again)
    office.finish(again)
    assert notes(office, office.propose("alice", BASE)[0]).earlier == []


def test_a_file_that_was_viewed_loses_its_mark_when_it_differs_otherwise(office, proposal):
    (file,) = approvals.review(office.directory, proposal, "running").files
    comments.mark_viewed(office.directory, proposal, file.content, viewed=True)
    comments.mark_viewed(office.directory, proposal, file.content, viewed=True)
    assert notes(office, proposal).viewed == [file.content]
    other, _ = office.propose("alice", BASE + "# four\n")
    office.approve(other)
    office.finish(other)
    (changed,) = approvals.review(office.directory, proposal, "running").files
    assert changed.content not in notes(office, proposal).viewed
    comments.mark_viewed(office.directory, proposal, file.content, viewed=False)
    assert notes(office, proposal).viewed == []


@pytest.mark.parametrize(
    ("line", "after"), [(1, 1), (2, None), (3, 4), (4, 5), (9, 10), (10, 11), (11, None), (12, 12), (99, 99)]
)
def test_a_line_is_followed_through_the_hunks_of_a_change(line, after):
    changed = ["@@@ -1,3 +1,4 @@", " a", "-b", "+B", "+C", " c", "@@@ -10,3 +11,2 @@", " j", "-k", " l"]
    assert places.moved(changed, line) == after
