"""Old transcripts and rotated logs go; the session an agent goes on with stays, and no link is followed."""

import os

import pytest

from actors.agent.workspace.paths import Workspace
from actors.quotas.transcripts import sweep

NOW = 2_000_000_000.0
DAY = 24 * 3600


@pytest.fixture
def paths(tmp_path):
    workspace = Workspace(tmp_path / "state", tmp_path / "run")
    return workspace.prepare("alice")


def write(path, days):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return path


def swept(paths, days=30):
    return sweep(paths, before=NOW - days * DAY)


def test_what_is_older_than_the_window_goes_and_the_newest_transcript_stays(paths):
    folder = paths.claude / "projects/-agents-alice-state"
    old = [write(folder / f"{days}.jsonl", days) for days in (31, 90)]
    young = write(folder / "29.jsonl", 29)
    old.append(write(folder / "90/tool-results/big.txt", 90))
    old.append(write(paths.claude / "todos/t.json", 40))
    old.append(write(paths.log.with_suffix(".log.1"), 40))
    kept = [
        young,
        write(paths.claude / ".credentials.json", 400),
        write(paths.state / "notes.md", 400),
        write(paths.log, 400),
    ]
    assert swept(paths) == len(old)
    assert [path for path in old if path.exists()] == []
    assert all(path.exists() for path in kept)
    assert swept(paths) == 0


def test_the_session_of_an_agent_that_slept_for_a_year_is_kept(paths):
    folder = paths.claude / "projects/p"
    newest, older = write(folder / "b.jsonl", 400), write(folder / "a.jsonl", 401)
    assert swept(paths) == 1
    assert (newest.exists(), older.exists()) == (True, False)


def test_no_link_leads_out(paths, tmp_path):
    outside = write(tmp_path / "outside/precious.jsonl", 400)
    projects = paths.claude / "projects"
    write(projects / "p/new.jsonl", 1)
    (projects / "link").symlink_to(outside.parent)
    (paths.claude / "todos").symlink_to(outside.parent)
    swept(paths, days=0)
    assert outside.exists()


def test_an_agent_without_sessions_has_nothing_to_drop(paths):
    assert swept(paths) == 0
