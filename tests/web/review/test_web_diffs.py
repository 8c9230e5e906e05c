"""What a page shows of the files of a review: numbers, words that differ, both layouts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.review import FileChange, PartReply
from web.presentation import diff
from web.presentation.diff import Budget, Piece, words


def lines_of(*texts, budget=None):
    return diff.numbered([(text[:1], text[1:]) for text in texts], budget or Budget())


def numbers(lines):
    return [(line.kind, line.old, line.new) for line in lines]


def differing(line):
    return [piece.text for piece in line.pieces if piece.differs]


def test_characters_that_would_hide_are_pieces_of_their_own():
    assert diff.pieces("a\\u{202e}b\\u{e0041}") == (
        Piece("a"),
        Piece("\\u{202e}", hides=True),
        Piece("b"),
        Piece("\\u{e0041}", hides=True),
    )
    assert diff.pieces("") == ()
    assert diff.pieces("\\u{}") == (Piece("\\u{}"),)


def test_notes_are_shown_where_the_agent_finds_them():
    note = FileChange(source="notes", path="a.md", change="new", size=1, sha256="0", lines="+a")
    assert diff.path(note) == "state/a.md"
    assert note.marked() == [("+", "a")]
    assert diff.brief(["a", "b", "c", "d"]) == "a, b +2"


def test_each_line_has_its_number_in_the_file_that_holds_it():
    shown = lines_of("@@@ -3,3 +3,4 @@ head", " a", "-b", "+c", "+d", " e", "@@@ -90 +91 @@", "-x", "+y")
    assert numbers(shown) == [
        ("hunk", None, None), ("same", 3, 3), ("del", 4, None), ("add", None, 4), ("add", None, 5), ("same", 5, 6),
        ("hunk", None, None), ("del", 90, None), ("add", None, 91),
    ]  # fmt: skip
    assert numbers(lines_of("@@@ -0,0 +1,2 @@", "+a", "+b"))[1:] == [("add", None, 1), ("add", None, 2)]


def test_the_missing_end_of_a_file_is_a_remark_beside_its_line():
    shown = lines_of("@@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+b")
    assert numbers(shown)[1:] == [("del", 1, None), ("remark", None, None), ("add", None, 1)]
    assert [line.kind for line in diff.side_by_side(shown) for line in line if line] == [
        "hunk", "hunk", "del", "add", "remark",
    ]  # fmt: skip


def test_of_a_changed_line_the_words_that_differ_are_marked():
    _, gone, come = lines_of("@@@ -1 +1 @@", '-model = "haiku"', '+model = "opus"')
    assert (differing(gone), differing(come)) == (["haiku"], ["opus"])
    _, gone, come = lines_of("@@@ -1 +1 @@", "-allow all", "+allow \\u{202e}all")
    assert (differing(gone), differing(come)) == ([], ["\\u{202e}"])
    assert come.pieces[1].hides


def test_lines_with_little_in_common_and_long_lines_have_no_words_marked():
    for old, new in (("-entirely other", "+words of a poem"), ("-" + "a " * 600, "+" + "a " * 599 + "b"), ("-x", "+x")):
        assert [differing(line) for line in lines_of("@@@ -1 +1 @@", old, new)[1:]] == [[], []]


def test_marking_words_is_bounded_whatever_the_lines_are():
    hostile = ["-" + "a b " * 49 + "c", "+" + "b a " * 49 + "d"]
    began = time.perf_counter()
    shown = lines_of("@@@ -1,5000 +1,5000 @@", *[hostile[0]] * 5000, *[hostile[1]] * 5000)
    assert time.perf_counter() - began < 8
    assert len(shown) == 10_001
    assert not words.Budget(10).take(11)


@pytest.mark.slow
def test_thousands_of_hidden_characters_on_one_line_take_no_square_of_time():
    began = time.perf_counter()
    assert sum(piece.hides for piece in diff.pieces("\\u{202e}" * 30_000)) == 30_000
    assert time.perf_counter() - began < 2


def test_side_by_side_a_line_stands_beside_the_one_that_replaces_it():
    rows = list(diff.side_by_side(lines_of("@@@ -1,3 +1,2 @@", " a", "-b", "-c", "+d", " e")))
    assert [(row.old and row.old.text, row.new and row.new.text) for row in rows[1:]] == [
        ("a", "a"), ("b", "d"), ("c", None), ("e", "e"),
    ]  # fmt: skip


@given(
    st.lists(
        st.sampled_from(["+", "-", " ", "@", "\\", "?"]).flatmap(
            lambda mark: st.text("ab +-@", max_size=6).map(mark.__add__)
        ),
        max_size=30,
    )
)
def test_no_line_is_lost_in_either_layout(texts):
    shown = lines_of(*texts)
    assert ["".join(piece.text for piece in line.pieces) for line in shown] == [text[1:] for text in texts]
    rows = list(diff.side_by_side(shown))
    assert [id(row.old) for row in rows if row.old] == [
        id(line) for line in shown if line.kind != "add" and id(line) in {id(row.old) for row in rows}
    ]
    assert {id(line) for row in rows for line in row if line} == {id(line) for line in shown}


def test_a_piece_of_a_part_goes_on_with_the_numbers_and_loses_no_character():
    piece = PartReply(
        part="a", what="x", text="@@ rest\n+b\n c\n", offset=9, next_offset=None, continues=True, old_line=4, new_line=6
    )
    shown = diff.part_lines(piece)
    assert numbers(shown) == [("more", None, None), ("add", None, 7), ("same", 5, 8)]
    assert shown[0].text == "@@ rest"
    raw = piece.model_copy(update={"marked": False, "continues": False, "text": "+not a mark"})
    assert [line.text for line in diff.part_lines(raw)] == ["+not a mark"]
