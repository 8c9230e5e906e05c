"""Every path of an agent stays where it belongs, whatever the name is and whatever the agent put there."""

import pytest

from actors.agent.workspace import Workspace
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
