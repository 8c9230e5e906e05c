"""What a page shows of the files of a review."""

from harness.wire.review import FileChange
from web.presentation import diffs


def test_characters_that_would_hide_are_pieces_of_their_own():
    assert diffs.pieces("a\\u{202e}b\\u{e0041}") == [
        (False, "a"),
        (True, "\\u{202e}"),
        (False, "b"),
        (True, "\\u{e0041}"),
    ]
    assert diffs.pieces("") == []
    assert diffs.pieces("\\u{}") == [(False, "\\u{}")]


def test_notes_are_shown_where_the_agent_finds_them():
    note = FileChange(source="notes", path="a.md", change="new", size=1, sha256="0", lines="+a")
    assert diffs.path(note) == "state/a.md"
    assert note.marked() == [("+", "a")]
    assert diffs.brief(["a", "b", "c", "d"]) == "a, b +2"
    assert diffs.marked("+a\n-b\n") == [("+", "a"), ("-", "b")]
