"""Files that are hard to review: huge, binary, moved, without an end, with odd names. Through git to the HTML."""

import re
import time

import pytest

from actors.approvals import api as approvals
from actors.approvals.comments import api as comments
from harness.wire.errors import HiveError
from harness.wire.review.comments import NewComment
from web.app import WebApp
from web.presentation.diff import Layout, commented, part_lines
from web.settings import WebSettings

pytestmark = pytest.mark.slow

TOML = 'model = "haiku"\n'


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    built = WebApp.build(WebSettings(socket=folder / "s", token_file=folder / "t", port=7000), "token")
    yield built.templates
    built.streams.close()


def propose(office, before, after, modes=()):
    """The review of a change of files given as bytes; `modes`: the paths that are executable afterwards."""
    author = office.agent("alice", TOML)

    def write(files, modes=()):
        for path, content in files.items():
            place = author.folder / path
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(0o755 if path in modes else 0o644)
        author.git("add", "--all")
        author.git("commit", "--quiet", "--message", "x")
        return author.git("rev-parse", "HEAD").strip()

    if before:
        first = office.proposer().apply_commit("alice", write(before), None).approval_id
        accepted = [one.part for one in approvals.review(office.directory, first, "running").unshown]
        approvals.approve(office.directory, first, by="operator", accepts=accepted)
        office.finish(first)
    return approvals.review(
        office.directory, office.proposer().apply_commit("alice", write(after, modes), None).approval_id, "running"
    )


def html(templates, review, layout=Layout.UNIFIED):
    files = commented.files(review.files)
    return "".join(templates.render("diff/file", file=file, layout=layout, of="x", link=None) for file in files)


def test_fifty_thousand_changed_lines_are_a_page_of_bounded_size_and_the_rest_is_named(office, templates):
    review = propose(
        office,
        {"a.txt": b"".join(b"%d\n" % n for n in range(26_000))},
        {"a.txt": b"".join(b"%d\n" % -n for n in range(26_000))},
    )
    (file,) = review.files
    assert (file.added, file.removed) == (25_999, 25_999)
    assert file.missing + len(file.marked()) > 51_000
    began = time.perf_counter()
    for layout in Layout:
        page = html(templates, review, layout)
        assert len(page) < 600_000
        assert "a large file of" in page
    assert time.perf_counter() - began < 5
    (left,) = review.unshown
    offset, lines, numbers = 0, 0, []
    while offset is not None:
        piece = approvals.part(office.directory, review.id, "running", left.part, offset)
        shown = part_lines(piece)
        lines += len(shown)
        numbers += [line.new for line in shown if line.new]
        offset = piece.next_offset
    assert lines == file.missing + len(file.marked())
    assert numbers == list(range(1, 26_001)), "the numbers go on over all pieces"


def test_a_line_of_a_quarter_of_a_megabyte_is_a_part_that_loses_no_character(office, templates):
    line = b"@" * 200_000 + "\u202e\N{SNOWMAN}".encode() * 100
    review = propose(office, {}, {"long.txt": line})
    assert len(html(templates, review)) < 5_000
    offset, text = 0, ""
    while offset is not None:
        piece = approvals.part(office.directory, review.id, "running", review.unshown[0].part, offset)
        text += "".join(one.text for one in part_lines(piece) if one.kind in {"add", "more"})
        offset = piece.next_offset
    assert text == "@" * 200_000 + "\\u{202e}\N{SNOWMAN}" * 100
    number = comments.add(office.directory, review.id, "running", NewComment(path="long.txt", line=1, text="?"), by="o")
    assert len(number.quoted) == 300
    with pytest.raises(HiveError, match="at most"):
        propose(office, {}, {"big.txt": b"x" * 1_000_000})


def test_kinds_of_change_are_told_apart(office, templates):
    body = b"".join(b"line %d\n" % n for n in range(20))
    review = propose(
        office,
        {"moved.md": body, "run.sh": b"#!/bin/sh\n", "end.md": b"a\nb", "crlf.md": b"a\r\nb\r\n", "gone.md": b"x\n", "t.bin": b"\xff\x00"},
        {"moved.md": None, "new/name.md": body, "run.sh": b"#!/bin/sh\n", "end.md": b"a\nb\n", "crlf.md": b"a\nb\n", "gone.md": None, "t.bin": b"\xfe\x00"},
        modes=("run.sh",),
    )  # fmt: skip
    found = {one.path: one for one in review.files}
    assert (found["new/name.md"].change, found["new/name.md"].before) == ("renamed", "moved.md")
    assert (found["run.sh"].mode, found["run.sh"].lines) == ("now executable", "")
    assert "\\ No newline at end of file" in found["end.md"].lines
    assert found["crlf.md"].hidden == 2
    assert (found["gone.md"].change, found["t.bin"].binary) == ("deleted", True)
    for layout in Layout:
        page = html(templates, review, layout)
        for words in ("was moved.md", "now executable", "No newline at end of file", "\\u{d}", "sha256", "deleted"):
            assert words in page
    with pytest.raises(HiveError, match="no text"):
        comments.add(office.directory, review.id, "running", NewComment(path="t.bin", line=1, text="x"), by="o")
    for wanted in (
        {"path": "t.bin"},
        {"path": "gone.md", "side": "old", "line": 1},
        {"path": "new/name.md", "line": 3},
    ):
        comments.add(office.directory, review.id, "running", NewComment(text="x", **wanted), by="o")


def test_markup_in_lines_stays_text_and_in_names_is_refused(office, templates):
    lines = b"</td></table><script>alert(1)</script>\n{{!1}} % end\n"
    review = propose(office, {}, {"evil.md": lines})
    page = html(templates, review)
    assert "<script" not in page
    assert "{{!1}} % end" in page
    assert len(re.findall(r"<tr class=\"add\">", page)) == 2
    for name in ("<img src=x onerror=alert(1)>.md", "a\u202eb.md", "a\\b.md"):
        with pytest.raises(HiveError, match="not proposed: the name"):
            propose(office, {}, {name: b"x\n"})
