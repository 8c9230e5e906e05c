"""Git's diffs as files with their changed lines."""

import subprocess

import pytest

from tests.needs import needs
from web.presentation import diffs


def git(folder, *arguments):
    identity = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "core.hooksPath=/dev/null")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@needs("git")
@pytest.mark.slow
def test_the_diff_of_git_is_understood_whatever_its_files_contain(tmp_path):
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
    assert diffs.DiffLine("+", "diff --git a/x b/x") in found.files[0].lines
    assert diffs.DiffLine("\\", "No newline at end of file") in found.files[2].lines


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
def test_a_file_name_cannot_reverse_the_text_of_the_page(written, shown):
    assert diffs.parse(f"diff --git a/x b/x\n--- a/x\n+++ {written}\n").paths == [shown]


def test_lines_outside_of_a_diff_are_kept_and_a_cut_is_shown():
    found = diffs.parse("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n\n… cut here: 7 more characters.\n")
    assert found.files[0].removed == 1
    assert found.rest == ["… cut here: 7 more characters."]
    assert diffs.parse("").files == []
    assert diffs.brief(["a", "b", "c", "d"]) == "a, b +2"
