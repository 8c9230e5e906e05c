"""A disk that is full at any point of a write: the refusal says so, nothing is half there, and the next try is whole."""

import errno
import json
import shutil
import subprocess

import pytest

from actors.agent.container.launch import publish_config, published_config
from actors.agent.repos.applied import Mark
from actors.agent.repos.git import ATTRIBUTES, Git
from actors.agent.repos.meta import Meta
from actors.agent.repos.notes import take as take_notes
from actors.agent.workspace.paths import Workspace
from actors.scheduler.overflow import write_overflow
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.agent.repos_kit import NOW, TOML, RepositoryKit
from tests.needs import needs_root

pytestmark = pytest.mark.slow

PAGE = 4096
SPARE = (0, 1, 2, 3, 5, 8, 13, 21, 34)
"""How many pages are left, so that the disk is full at another point of the write each time."""


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def kit(disk):
    return RepositoryKit(disk)


def fill(disk, spare):
    """All but so many pages."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * PAGE)
        except OSError:
            file.truncate(max(0, file.tell() - spare * PAGE))


def tried(act):
    """Whether it was done; a refusal says that there is no space."""
    try:
        act()
    except (HiveError, OSError) as error:
        refusal = error
    else:
        return True
    if isinstance(refusal, OSError):
        assert refusal.errno == errno.ENOSPC
    else:
        assert refusal.code in {ErrorCode.UNAVAILABLE, ErrorCode.BAD_REQUEST}
        assert "git" in str(refusal) or "space" in str(refusal)
    return False


def on_a_full_disk(disk, act, whole, before=lambda: True):
    """`act` at each point, then with space: `whole()` holds whenever it said that it was done, `before()` otherwise."""
    refused = 0
    for spare in SPARE:
        fill(disk, spare)
        done = tried(act)
        refused += not done
        assert whole() if done else before(), spare
        (disk / "ballast").unlink()
    assert refused, "the disk was full"
    assert tried(act)
    assert whole()


def is_sound(git):
    return not subprocess.run(
        ["git", "--git-dir", git.git_dir, "fsck", "--full", "--strict"], capture_output=True, text=True, check=False
    ).returncode


@needs_root
def test_a_long_reminder_is_whole_in_its_file_or_not_there(disk):
    state = disk / "state"
    state.mkdir()
    text = "é" * 30_000
    numbers = iter(range(100))
    made = []

    def act():
        number = next(numbers) // 2  # each reminder is tried twice
        made.append(write_overflow(state, number, text))

    def whole():
        return all((state / path).read_text() == text for path in made)

    on_a_full_disk(disk, act, whole, whole)
    assert not list((state / "reminders").glob(".*"))


@needs_root
def test_a_reminder_that_failed_once_on_a_full_disk_is_whole_at_the_next_try(disk):
    state = disk / "state"
    (state / "reminders").mkdir(parents=True)
    fill(disk, 2)
    with pytest.raises(OSError, match="space"):
        write_overflow(state, 7, "x" * 50_000)
    (disk / "ballast").unlink()
    assert (state / write_overflow(state, 7, "x" * 50_000)).read_text() == "x" * 50_000


@needs_root
def test_the_configuration_in_force_stays_what_it_was(disk):
    paths = Workspace(disk / "state", disk / "run").of("alice")
    paths.config_json.parent.mkdir(parents=True)
    old, new = AgentConfig(model="haiku"), AgentConfig(model="opus", prompt="p" * 50_000)
    publish_config(paths, old)
    models = set()

    def whole():
        models.add(published_config(paths).model)
        return json.loads(paths.config_json.read_text())["model"] in {"haiku", "opus"}

    on_a_full_disk(disk, lambda: publish_config(paths, new), whole, whole)
    assert models == {"haiku", "opus"}


@needs_root
def test_a_repository_of_the_hosts_never_lacks_what_keeps_files_from_hiding(disk):
    git = Git(disk / "repo")

    def whole():
        return (disk / "repo/info/attributes").read_text() == ATTRIBUTES and is_sound(git)

    def before():
        attributes = disk / "repo/info/attributes"
        return not attributes.exists() or attributes.read_text() == ATTRIBUTES

    on_a_full_disk(disk, git.init, whole, before)


def files(number):
    return {"agent.toml": TOML, "text.md": f"{number} " * 3_000}


@needs_root
def test_a_commit_of_the_hosts_is_whole_or_none(disk):
    git = Git(disk / "repo")
    git.init()
    made = []

    def act():
        made.append(git.commit_files(files(len(made)), at_ms=NOW))

    on_a_full_disk(disk, act, lambda: git.tip(made[-1]) == made[-1] and is_sound(git))


@needs_root
def test_a_draft_is_there_with_its_first_commit_or_not_at_all(disk, kit):
    repositories = kit.repositories
    config = repositories.workspace.of("alice").config

    def act():
        repositories.draft("alice", files(1), at_ms=NOW)

    def whole():
        return (config / "text.md").read_text() == files(1)["text.md"]

    on_a_full_disk(disk, act, whole, lambda: not (config / ".git").exists() or whole())


@needs_root
def test_a_proposal_is_taken_over_whole_and_a_tag_and_a_deployment_are_all_or_nothing(disk, kit):
    author, applied = kit.draft(), kit.applied()
    sha = author.commit({"text.md": "y" * 60_000})
    on_a_full_disk(disk, lambda: applied.take(sha), lambda: applied.holds(sha) and is_sound(applied.git))
    on_a_full_disk(
        disk,
        lambda: applied.mark(Mark.PROPOSAL, 1, sha, at_ms=NOW, note="why"),
        lambda: applied.git.tip("refs/tags/proposal/1") == sha,
    )
    second = author.commit({"text.md": "z" * 60_000})
    applied.take(second)
    applied.swap(sha)
    shown = applied.folder / "current" if (applied.folder / "current").exists() else None

    def is_one_of_them():
        return applied.shown() in {sha, second}

    on_a_full_disk(disk, lambda: applied.swap(second), lambda: applied.shown() == second, is_one_of_them)
    assert shown is None or (shown / "text.md").read_text() == "z" * 60_000


@needs_root
def test_the_notes_of_a_draft_and_the_history_of_the_swarm_are_whole_or_not_there(disk, kit):
    author, applied = kit.draft(), kit.applied()
    workspace = kit.repositories.workspace
    staged = workspace.of("alice").staged
    staged.mkdir(parents=True, exist_ok=True)
    (staged / "notes.md").write_text("n" * 60_000)
    steps = staged.relative_to(workspace.state_dir).parts
    taken = []
    on_a_full_disk(
        disk,
        lambda: taken.append(take_notes(workspace.state_dir, steps, applied.git, at_ms=NOW)),
        lambda: applied.git.tip(taken[-1]) == taken[-1],
    )
    sha = author.commit({"text.md": "y"})
    applied.take(sha)
    applied.mark(Mark.DEPLOYED, 1, sha, at_ms=NOW)
    meta = Meta(workspace.state_dir / "meta")

    def record():
        meta.record("alice", sha, "deployed/1", applied.git, at_ms=NOW)

    on_a_full_disk(disk, record, lambda: "alice" in meta.deployed())
    shutil.rmtree(staged)
