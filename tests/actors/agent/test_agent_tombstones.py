"""What is kept of destroyed agents: listed, purged without ever leaving the state dir, brought back."""

import os

import pytest

from actors.agent.registry import api
from actors.agent.workspace.remove_tree import remove_tree
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.agent.hive_parts import AgentHive

DEPTH = 1200
"""More than Python recurses."""


@pytest.fixture
def hive():
    hive = AgentHive()
    hive.settle_in(["alice"])
    yield hive
    hive.remove()


@pytest.fixture
def outside(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("kept")
    return outside


def refusal(call, *arguments):
    with pytest.raises(HiveError) as refused:
        call(*arguments)
    return refused.value.code


def test_a_destroyed_agent_is_listed_with_its_size_its_age_and_its_login(hive):
    paths = hive.workspace.of("alice")
    (paths.state / "notes.md").write_text("x" * 100_000)
    (paths.claude / ".credentials.json").write_text("{}")
    os.utime(paths.state / "notes.md", (2_000_000_000, 2_000_000_000))
    assert api.tombstones(hive.directory) == []
    api.destroy(hive.directory, "alice")
    (stone,) = api.tombstones(hive.directory)
    assert (stone.name, stone.credentials, stone.changed_at) == ("alice", True, "2033-05-18T03:33:20.000Z")
    assert stone.size_bytes >= 100_000


def test_drafts_links_and_strangers_are_no_tombstones(hive, outside):
    hive.workspace.prepare("draft")
    (hive.workspace.agents / "link").symlink_to(outside)
    (hive.workspace.agents / "NOT_A_NAME").mkdir()
    (hive.workspace.agents / "file").write_text("")
    assert api.tombstones(hive.directory) == []


def test_a_link_in_place_of_credentials_is_not_followed_and_sizes_stay_inside(hive, outside):
    paths = hive.workspace.of("alice")
    (outside / "huge").write_bytes(b"x" * 5_000_000)
    (paths.claude / ".credentials.json").symlink_to(outside / "precious")
    (paths.state / "away").symlink_to(outside)
    api.destroy(hive.directory, "alice")
    (stone,) = api.tombstones(hive.directory)
    assert not stone.credentials
    assert stone.size_bytes < 1_000_000


def test_a_purge_deletes_what_is_kept_and_only_of_somebody_who_is_gone(hive):
    paths = hive.workspace.of("alice")
    assert refusal(api.purge, hive.directory, "alice") is ErrorCode.CONFLICT
    assert refusal(api.purge, hive.directory, "manager") is ErrorCode.CONFLICT
    api.destroy(hive.directory, "alice")
    api.purge(hive.directory, "alice")
    assert not paths.root.exists()
    assert not paths.applied.exists()
    assert not paths.log.exists()
    assert api.tombstones(hive.directory) == []
    assert refusal(api.purge, hive.directory, "alice") is ErrorCode.NOT_FOUND
    assert {} in hive.emitted("tombstones")


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "/", "alice/..", "../outside", "-x", "a\0b", "*", "A", "x" * 300]
)
def test_a_name_that_is_none_is_refused_before_any_path_is_made(hive, name):
    assert refusal(api.purge, hive.directory, name) is ErrorCode.BAD_REQUEST
    assert hive.workspace.agents.is_dir()


def test_a_purge_follows_no_link_whatever_the_agent_has_put_where(hive, outside):
    paths = hive.workspace.of("alice")
    (paths.state / "away").symlink_to(outside)
    (paths.state / "up").symlink_to("..")
    api.destroy(hive.directory, "alice")
    api.purge(hive.directory, "alice")
    assert (outside / "precious").read_text() == "kept"
    assert hive.workspace.of("manager").root.is_dir()


def test_a_folder_that_was_replaced_by_a_link_goes_and_what_it_points_to_stays(hive, outside):
    paths = hive.workspace.of("alice")
    api.destroy(hive.directory, "alice")
    paths.root.rename(paths.root.with_name("moved"))
    paths.root.symlink_to(outside)
    api.purge(hive.directory, "alice")
    assert not paths.root.is_symlink()
    assert (outside / "precious").read_text() == "kept"


@pytest.mark.slow
def test_a_new_agent_is_not_told_that_it_is_back(hive):
    api.spawn(hive.directory, "bob")
    assert hive.wakeups("bob") == []


@pytest.mark.slow
def test_an_agent_that_is_spawned_again_takes_up_what_was_kept_and_is_told_so(hive):
    notes = hive.workspace.of("alice").state / "notes.md"
    notes.write_text("what I know")
    hive.workspace.of("alice").log.write_text("its first life\n")
    api.destroy(hive.directory, "alice")
    api.spawn(hive.directory, "alice", silent=True)
    assert hive.row("alice").running
    assert notes.read_text() == "what I know"
    assert "are back" in hive.wakeups("alice")[0].body


# ---- removal -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_depth_is_no_obstacle(tmp_path):
    root = tmp_path / "deep"
    root.mkdir()
    handle = os.open(root, os.O_RDONLY)
    for number in range(DEPTH):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
        if number % 100 == 0:
            os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    remove_tree(root)
    assert not root.exists()


def test_neither_modes_nor_names_are_an_obstacle(tmp_path):
    root = tmp_path / "odd"
    for name in ("1", "1-", "2", "…", "a\nb", "-rf"):
        folder = root / "x" / name / "below"
        folder.mkdir(parents=True)
        (folder / "file").write_text("")
        folder.chmod(0)
        folder.parent.chmod(0)
    remove_tree(root)
    assert not root.exists()


def test_a_link_is_removed_and_a_missing_folder_is_none(tmp_path, outside):
    link = tmp_path / "link"
    link.symlink_to(outside)
    remove_tree(link)
    remove_tree(tmp_path / "nothing")
    assert not link.is_symlink()
    assert (outside / "precious").exists()


def test_sockets_and_pipes_go_too(tmp_path):
    root = tmp_path / "special"
    root.mkdir()
    os.mkfifo(root / "pipe")
    (root / "dangling").symlink_to("nowhere")
    remove_tree(root)
    assert not root.exists()
