"""Ranges of uids: one per agent, recorded, apart from everybody else's; and files that move into them."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.agent.runtime import userns
from actors.agent.runtime.belongings import Belongings
from actors.agent.runtime.userns import FIRST, LAST, RANGE, Ranges, choose, foreign_ranges, give_all, open_to_all
from actors.agent.workspace.paths import Workspace
from actors.agent.workspace.remove_tree import remove_tree
from actors.agent.workspace.walk_tree import walk_tree
from tests.needs import needs_root

BASE = FIRST + 7 * RANGE


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=30, unique=True))
def test_ranges_never_overlap_and_are_what_nspawn_takes(seeds):
    taken = set()
    for seed in seeds:
        base = choose(seed, taken, [])
        assert base % RANGE == 0
        assert FIRST <= base <= LAST
        assert base not in taken
        taken.add(base)


def test_the_same_seed_points_to_the_same_range():
    assert choose("alice", set(), []) == choose("alice", set(), []) != choose("bob", set(), [])


def test_a_range_that_the_machine_uses_in_part_is_passed_over():
    base = choose("alice", set(), [])
    assert choose("alice", set(), [range(base + 100, base + 101)]) != base
    assert choose("alice", set(), [range(base - 1, base), range(base + RANGE, base + 2 * RANGE)]) == base


def test_when_all_are_taken_it_says_so():
    with pytest.raises(ValueError, match="all .* ranges"):
        choose("alice", set(), [range(2**32)])


def test_what_the_machine_gives_to_others_is_read_and_nonsense_is_skipped():
    found = foreign_ranges("me:100000:65536\n# x\nyou:a:b\n", "root:x:0:0::/root:/bin/sh\nnonsense\n")
    assert found == [range(100000, 165536), range(1)]


def test_a_range_is_written_down_and_found_again(tmp_path):
    base = Ranges(tmp_path).base("alice")
    assert json.loads((tmp_path / userns.RECORD).read_text()) == {"alice": base}
    assert Ranges(tmp_path).base("alice") == base
    assert Ranges(tmp_path).base("bob") != base


@pytest.mark.slow
def test_processes_that_draw_at_once_draw_different_ones_and_lose_none(tmp_path):
    draw = "import sys; from pathlib import Path; from actors.agent.runtime.userns import Ranges\n"
    draw += "for n in range(10): Ranges(Path(sys.argv[1])).base(f'{sys.argv[2]}{n}')"
    drawing = [subprocess.Popen([sys.executable, "-c", draw, str(tmp_path), who]) for who in ("a", "b")]
    assert [one.wait(20) for one in drawing] == [0, 0]
    known = json.loads((tmp_path / userns.RECORD).read_text())
    assert len(set(known.values())) == len(known) == 20


# ---- owners ------------------------------------------------------------------------------------------


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


@needs_root
def test_everything_moves_and_keeps_its_place_in_the_range(tmp_path):
    folder = tmp_path / "state"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/file").touch()
    os.chown(folder / "deep/file", 1000, 33)
    give_all(folder, BASE)
    status = (folder / "deep/file").stat()
    assert (status.st_uid, status.st_gid) == (BASE + 1000, BASE + 33)
    assert owners(folder) == {BASE, BASE + 1000}


@needs_root
def test_a_link_is_moved_and_what_it_points_to_is_not(tmp_path):
    (tmp_path / "hosts").touch()
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "hosts")
    (folder / "up").symlink_to(tmp_path)
    give_all(folder, BASE)
    assert (folder / "link").lstat().st_uid == BASE
    assert ((tmp_path / "hosts").stat().st_uid, tmp_path.stat().st_uid) == (0, 0)


@needs_root
def test_a_link_in_place_of_the_folder_itself_is_refused(tmp_path):
    (tmp_path / "hosts").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "hosts")
    with pytest.raises(OSError, match=r"Too many levels|Not a directory"):
        give_all(tmp_path / "state", BASE)
    assert (tmp_path / "hosts").stat().st_uid == 0


@needs_root
def test_an_interrupted_walk_is_taken_up_again(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "done").touch()
    os.chown(folder / "done", BASE, BASE)
    (folder / "left").touch()
    give_all(folder, BASE)
    assert owners(folder) == {BASE}


@needs_root
def test_a_folder_from_another_range_moves_over(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    give_all(folder, BASE)
    give_all(folder, BASE + RANGE)
    assert owners(folder) == {BASE + RANGE}


def test_in_the_shared_folder_the_makers_umask_closes_nothing(tmp_path):
    open_to_all(tmp_path)
    before = os.umask(0o077)
    try:
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep/file").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o777
    assert (tmp_path / "deep/file").stat().st_mode & 0o777 == 0o666


@needs_root
def test_an_agent_owns_its_folders_but_its_config_is_the_managers(tmp_path):
    workspace = Workspace(tmp_path / "state", tmp_path / "run")
    paths = workspace.prepare("alice")
    (paths.config / "agent.toml").touch()
    mine = Belongings(paths)
    mine.give()
    leader = Belongings(workspace.prepare("hm1nd")).base
    assert owners(paths.state) == owners(paths.claude) == owners(paths.home) == {mine.base}
    assert owners(paths.config) == {leader}
    assert mine.base != leader
    (paths.config / "from-the-host").touch()
    mine.give()
    assert owners(paths.config) == {leader}


@needs_root
def test_the_agents_folders_are_closed_to_everybody_and_what_lies_around_a_config_is_the_hosts(tmp_path):
    paths = Workspace(tmp_path / "state", tmp_path / "run").prepare("alice")
    Belongings(paths).give()
    assert {path.stat().st_mode & 0o777 for path in paths.root.iterdir() if path.is_dir()} == {0o700}
    for folder in (paths.proposal, paths.proposal.parent):
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (0, 0o755)


@needs_root
def test_a_file_for_the_agent_alone_replaces_the_one_before_as_a_whole(tmp_path):
    paths = Workspace(tmp_path / "state", tmp_path / "run").prepare("alice")
    mine = Belongings(paths)
    mine.write("environment", "one")
    mine.write("environment", "two")
    written = paths.socket_dir / "environment"
    assert (written.read_text(), written.stat().st_uid, written.stat().st_mode & 0o777) == ("two", mine.base, 0o400)
    mine.forget("environment", "gitconfig")
    assert not written.exists()


def dig(folder, depth):
    """A folder so deep that no path leads to its end."""
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deeper", dir_fd=here)
        below = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("end", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@pytest.mark.slow
@needs_root
def test_a_folder_deeper_than_any_path_is_moved_with_a_handful_of_handles(tmp_path):
    folder = tmp_path / "state"
    dig(folder, 5_000)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        give_all(folder, BASE)
        assert {status.st_uid for _, _, status in walk_tree(folder)} == {BASE}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        remove_tree(folder)


@needs_root
def test_a_file_with_a_name_elsewhere_too_keeps_its_owner(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (tmp_path / "of the host").touch()
    os.link(tmp_path / "of the host", folder / "mine")
    (folder / "one").touch()
    os.link(folder / "one", folder / "two")
    give_all(folder, BASE)
    assert (tmp_path / "of the host").stat().st_uid == 0
    assert (folder / "two").stat().st_uid == BASE


@needs_root
def test_an_agent_with_one_uid_owns_everything_and_a_setuid_program_of_before_is_none_any_more(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "tool").touch()
    os.chown(folder / "tool", 1000, 1000)
    (folder / "tool").chmod(0o6755)
    give_all(folder, BASE, exact=True)
    status = (folder / "tool").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (BASE, BASE, 0o755)


@needs_root
def test_another_runtime_gives_the_folders_anew(tmp_path):
    paths = Workspace(tmp_path / "state", tmp_path / "run").prepare("alice")
    (paths.home / "file").touch()
    os.chown(paths.home / "file", 1000, 1000)
    base = Belongings(paths).base
    Belongings(paths, inside=1000).give()
    assert (paths.home / "file").stat().st_uid == base + 1000
    Belongings(paths).give()
    assert (paths.home / "file").stat().st_uid == base
