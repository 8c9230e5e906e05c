"""What is counted of an agent's disk: blocks of its own files, whatever shape it gives them."""

import os

import pytest

from actors.agent.workspace.paths import Workspace
from actors.agent.workspace.remove_tree import remove_tree
from actors.quotas import usage
from actors.quotas.usage import disk_usage

MEBIBYTE = 1024**2


@pytest.fixture
def paths(tmp_path):
    paths = Workspace(tmp_path / "state", tmp_path / "run").prepare("alice")
    yield paths
    remove_tree(paths.root)  # pytest cannot remove the deepest of these folders


def grown(paths, make):
    before = disk_usage(paths).disk_bytes
    make()
    return disk_usage(paths).disk_bytes - before


def test_files_in_its_folders_and_its_log_are_counted(paths):
    for file in (paths.state / "a", paths.home / "b", paths.claude / "c", paths.config / "d", paths.log):
        assert grown(paths, lambda file=file: file.write_bytes(b"x" * MEBIBYTE)) >= MEBIBYTE, file


def test_a_sparse_file_counts_as_the_blocks_it_has(paths):
    def sparse():
        with (paths.state / "sparse").open("wb") as file:
            file.truncate(1024**4)

    assert grown(paths, sparse) < MEBIBYTE


def test_a_link_to_elsewhere_counts_as_a_link(paths, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * MEBIBYTE)
    assert grown(paths, lambda: (paths.state / "link").symlink_to(tmp_path)) < MEBIBYTE
    assert grown(paths, lambda: (paths.home / "loop").symlink_to(paths.home)) < MEBIBYTE


def test_a_file_with_many_names_is_counted_once(paths):
    (paths.state / "one").write_bytes(b"x" * MEBIBYTE)

    def name_it_again():
        for number in range(20):
            os.link(paths.state / "one", paths.state / f"name-{number}")

    assert grown(paths, name_it_again) < MEBIBYTE


def test_empty_files_cost_something_and_too_many_are_not_all_counted(paths, monkeypatch):
    def fill():
        for number in range(200):
            (paths.state / f"{number}").touch()

    assert grown(paths, fill) >= 200 * usage.ENTRY_BYTES
    monkeypatch.setattr(usage, "MAX_ENTRIES", 100)
    found = disk_usage(paths)
    assert not found.complete
    assert 100 <= found.entries < 110


@pytest.mark.slow
def test_a_folder_deeper_than_any_path_is_counted(paths):
    here = os.open(paths.state, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    found = disk_usage(paths)
    assert found.complete
    assert found.entries > 3000


def test_what_is_missing_counts_nothing(tmp_path):
    assert disk_usage(Workspace(tmp_path, tmp_path).of("bob")).disk_bytes == 0


def test_a_folder_that_changes_meanwhile_gives_a_lower_bound(paths, monkeypatch):
    (paths.state / "file").write_bytes(b"x" * MEBIBYTE)
    walked = usage.walk_tree

    def restless(folder):
        yield from walked(folder)
        if folder == paths.state:
            raise OSError("it changes while it is walked over")

    monkeypatch.setattr(usage, "walk_tree", restless)
    found = disk_usage(paths)
    assert not found.complete
    assert found.disk_bytes >= MEBIBYTE
