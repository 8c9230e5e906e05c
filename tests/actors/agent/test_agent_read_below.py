"""Files of an agent are read without being led anywhere else."""

import os

import pytest

from actors.agent.workspace.read_below import MAX_FILE_BYTES, read_below
from harness.wire.errors import ErrorCode, HiveError


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "state"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "notes.md").write_text("hello")
    (folder / "deep" / "er" / "file").write_text("deep")
    (tmp_path / "secret").write_text("secret")
    for path in (folder / "notes.md", folder / "deep/er/file", tmp_path / "secret"):
        path.chmod(0o644)
    return folder


@pytest.mark.parametrize(("path", "content"), [("notes.md", "hello"), ("deep/er/file", "deep")])
def test_a_plain_file_is_read(state, path, content):
    assert read_below(state, path) == content


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret", "deep/../notes.md", "/etc/passwd", "deep//er/file", "notes.md/", "a\0b", "./notes.md"],
)
def test_a_path_that_is_not_plainly_below_is_refused(state, path):
    with pytest.raises(HiveError) as refusal:
        read_below(state, path)
    assert refusal.value.code is ErrorCode.BAD_REQUEST


def test_a_link_is_not_followed_be_it_the_file_or_a_folder_on_the_way(state):
    (state / "link").symlink_to(state.parent / "secret")
    (state / "inner").symlink_to(state / "notes.md")
    (state / "up").symlink_to(state.parent)
    (state / "deep" / "up").symlink_to("..")
    for path in ("link", "inner", "up/secret", "deep/up/notes.md"):
        with pytest.raises(HiveError) as refusal:
            read_below(state, path)
        assert refusal.value.code in {ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND}


def test_the_folder_itself_may_not_be_a_link(state):
    other = state.parent / "other"
    other.symlink_to(state)
    with pytest.raises(HiveError):
        read_below(other, "notes.md")


def test_only_regular_files_that_everybody_may_read(state):
    (state / "private").write_text("x")
    (state / "private").chmod(0o600)
    os.mkfifo(state / "pipe", 0o644)
    for path in ("private", "pipe", "deep"):
        with pytest.raises(HiveError, match="not a world-readable regular file"):
            read_below(state, path)


def test_what_is_not_there_is_not_found(state):
    for path in ("nothing", "nothing/at/all", "notes.md/x"):
        with pytest.raises(HiveError) as refusal:
            read_below(state, path)
        assert refusal.value.code is ErrorCode.NOT_FOUND


def test_a_large_file_is_too_large_and_bytes_that_are_no_text_are_replaced(state):
    (state / "large").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (state / "bytes").write_bytes(b"\xff\xfeok")
    for name in ("large", "bytes"):
        (state / name).chmod(0o644)
    with pytest.raises(HiveError) as refusal:
        read_below(state, "large")
    assert refusal.value.code is ErrorCode.TOO_LARGE
    assert read_below(state, "bytes").endswith("ok")
