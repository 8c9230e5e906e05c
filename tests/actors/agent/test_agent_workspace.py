"""Every path of an agent stays where it belongs, whatever the name is and whatever the agent put there."""

import os
from pathlib import Path
from unittest import mock

import pytest

from actors.agent.repos import Repositories
from actors.agent.workspace.paths import Workspace, folders
from harness.wire.errors import HiveError

BAD_NAMES = [
    "",
    ".",
    "..",
    "a/b",
    "../x",
    "-x",
    "x-",
    "A",
    "a b",
    "a\0b",
    "a\n",
    "x" * 33,
    "x" * 300,
    "*",
    "é",
    "1a",
    "/etc",
]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "state", tmp_path / "run")


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("verb", ["of", "prepare", "clear_run", "purge"])
def test_a_bad_name_has_no_path(workspace, verb, name):
    with pytest.raises(HiveError):
        getattr(workspace, verb)(name)


def test_both_spellings_of_the_manager_are_one_agent_whose_socket_has_its_own_place(workspace):
    paths = workspace.of("manager")
    assert paths == workspace.of("hm1nd")
    assert paths.root == workspace.agents / "hm1nd"
    assert paths.socket == workspace.run_dir / "manager" / "hive.sock"


def test_prepared_folders_are_for_their_owner_only_and_survive_a_second_time(workspace):
    paths = workspace.prepare("alice")
    (paths.state / "notes.md").write_text("kept")
    workspace.prepare("alice")
    assert (paths.state / "notes.md").read_text() == "kept"
    assert [oct(folder.stat().st_mode & 0o777) for folder in (paths.root, paths.state, paths.claude)] == ["0o700"] * 3


def test_a_link_in_place_of_a_folder_is_refused_not_followed(workspace, tmp_path):
    paths = workspace.prepare("alice")
    paths.state.rmdir()
    paths.state.symlink_to(tmp_path)
    with pytest.raises(HiveError, match="in the way"):
        workspace.prepare("alice")


SPOTS = [
    ("state_dir", "agents"), ("state_dir", "agents/alice"), ("state_dir", "agents/alice/state"),
    ("state_dir", "agents/alice/claude"), ("state_dir", "proposed"), ("state_dir", "proposed/alice"),
    ("state_dir", "proposed/alice/config"), ("state_dir", "applied"), ("state_dir", "applied/alice"),
    ("state_dir", "logs"), ("state_dir", "shared"), ("run_dir", "agents"), ("run_dir", "agents/alice"),
]  # fmt: skip


@pytest.mark.parametrize("dangling", [True, False])
@pytest.mark.parametrize(("base", "spot"), SPOTS)
def test_a_link_at_any_step_is_refused_and_nothing_is_made_behind_it(workspace, tmp_path, base, spot, dangling):
    outside = tmp_path / "outside"
    if not dangling:
        outside.mkdir()
    place = getattr(workspace, base) / spot
    place.parent.mkdir(parents=True)
    place.symlink_to(outside)
    with pytest.raises(HiveError, match="in the way"):
        workspace.prepare("alice")
    assert not outside.exists() or list(outside.iterdir()) == []


def test_a_folder_that_is_swapped_for_a_link_meanwhile_leads_nowhere(workspace, tmp_path):
    """Somebody with write access swaps at every step that is taken: what is made is below the real folders."""
    outside = tmp_path / "outside"
    outside.mkdir()
    taken = workspace.prepare("bob").proposal
    real_open, swaps = os.open, []

    def swapping(path, flags, mode=0o777, *, dir_fd=None):
        handle = real_open(path, flags, mode, dir_fd=dir_fd)
        if path in ("alice", "proposed", "agents") and path not in swaps:
            swaps.append(path)
            found = Path(os.readlink(f"/proc/self/fd/{handle}"))
            found.rename(found.with_name(f"{found.name}-gone"))
            found.symlink_to(outside)
        return handle

    with mock.patch.object(folders.os, "open", swapping), pytest.raises(HiveError, match="in the way"):
        workspace.prepare("alice")
    assert len(swaps) > 0
    assert list(outside.iterdir()) == []
    assert taken.is_dir() or Path(f"{taken.parent}-gone/bob").is_dir()


def test_an_older_hives_proposed_repository_is_moved_to_where_it_belongs_once(workspace):
    old = workspace.agents / "alice" / "config"
    (old / ".git").mkdir(parents=True)
    (old / "agent.toml").write_text("kept")
    paths = workspace.prepare("alice")
    assert (paths.config / "agent.toml").read_text() == "kept"
    assert (paths.config / ".git").is_dir()
    assert not old.exists()
    old.mkdir()
    (old / "agent.toml").write_text("of an old hive that was started once more")
    assert workspace.prepare("alice") == paths
    assert (paths.config / "agent.toml").read_text() == "kept"


def test_drafts_and_tombstones_of_an_older_hive_are_moved_too_and_links_are_left(workspace, tmp_path):
    for name in ("draft", "NOT_A_NAME"):
        (workspace.agents / name / "config" / ".git").mkdir(parents=True)
    (workspace.agents / "linked").mkdir()
    (workspace.agents / "linked" / "config").symlink_to(tmp_path)
    repositories = Repositories(workspace)
    repositories.tidy()
    assert repositories.drafts() == ["draft"]
    assert (workspace.agents / "linked" / "config").is_symlink()


def test_a_purge_removes_everything_of_the_agent_and_nothing_else(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    workspace.prepare("bob")
    paths = workspace.prepare("alice")
    paths.log.write_text("words")
    (paths.state / "link").symlink_to(outside)
    (paths.state / "deep").mkdir()
    workspace.purge("alice")
    assert not paths.root.exists()
    assert not paths.proposal.exists()
    assert not paths.applied.exists()
    assert not paths.log.exists()
    assert (outside / "precious").exists()
    assert workspace.of("bob").state.is_dir()


def test_a_purge_of_a_folder_that_is_a_link_removes_the_link(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    workspace.agents.mkdir(parents=True)
    (workspace.agents / "alice").symlink_to(outside)
    workspace.purge("alice")
    assert (outside / "precious").exists()
    assert not (workspace.agents / "alice").is_symlink()


def test_a_purge_of_what_is_not_there_is_fine(workspace):
    workspace.purge("nobody")


# ---- what is laid out for a draft --------------------------------------------------------------------


def test_what_is_staged_for_a_draft_is_the_state_of_the_agent_it_becomes(workspace):
    paths = workspace.prepare("alice")
    workspace.stage("alice")
    (paths.staged / "deep").mkdir()
    (paths.staged / "deep/notes.md").write_text("read me first")
    workspace.take_staged("alice")
    assert (paths.state / "deep/notes.md").read_text() == "read me first"
    assert not paths.staged.exists()
    workspace.take_staged("alice")
    assert (paths.state / "deep/notes.md").exists()


def test_what_a_tombstone_has_left_goes_before_what_is_staged(workspace):
    paths = workspace.prepare("alice")
    (paths.state / "notes.md").write_text("kept")
    workspace.stage("alice")
    (paths.staged / "notes.md").write_text("staged")
    workspace.take_staged("alice")
    assert (paths.state / "notes.md").read_text() == "kept"
    (paths.staged / "notes.md").unlink()
    workspace.take_staged("alice")
    assert not paths.staged.exists(), "and nothing is no reason to say a word"


@pytest.mark.parametrize("place", ["staged", "proposal"])
def test_a_link_in_the_place_of_what_is_staged_is_not_followed(workspace, tmp_path, place):
    paths = workspace.prepare("alice")
    workspace.stage("alice")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "state").mkdir(parents=True)
    (elsewhere / "state/secret").write_text("of the host")
    target = getattr(paths, place)
    target.rename(tmp_path / "aside")
    target.symlink_to(elsewhere / "state" if place == "staged" else elsewhere)
    with pytest.raises(HiveError, match="in the way"):
        workspace.take_staged("alice")
    assert (elsewhere / "state/secret").exists()
    assert list(paths.state.iterdir()) == []


def test_the_managers_own_state_is_never_taken_for_something_staged(workspace):
    paths = workspace.prepare("hm1nd")
    workspace.take_staged("hm1nd")
    assert paths.staged.is_dir(), "its state is mounted there"
