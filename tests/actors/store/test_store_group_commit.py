"""One transaction for all units that wait; a unit that fails, fails alone."""

import os
import sqlite3
import threading

import gevent
import pytest
from gevent.event import Event

from actors.store import api as store
from actors.store import opening
from actors.store.actor import StoreActor
from actors.store.group_commit import commit_group
from actors.store.messages import Database
from actors.supervision import ChildSpec, Directory, NotRunning, StartFailed, Supervisor, SupervisorFlags
from harness.wire.errors import ErrorCode, HiveError
from tests.waiting import SECONDS, until


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(tmp_path / "one.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE notes (text TEXT NOT NULL UNIQUE)")
    yield connection
    connection.close()


def note(text):
    return lambda connection: connection.execute("INSERT INTO notes VALUES (?)", (text,)).lastrowid


def notes(connection):
    return [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY rowid")]


def test_a_unit_that_fails_leaves_no_trace_and_fails_alone(connection):
    def half_done(connection):
        note("half")(connection)
        raise KeyError("changed my mind")

    outcomes = commit_group(connection, [note("a"), half_done, note("a"), note("b")])
    assert [outcome.value for outcome in outcomes] == [1, None, None, 2]
    assert isinstance(outcomes[1].error, KeyError)
    assert isinstance(outcomes[2].error, sqlite3.IntegrityError)
    assert notes(connection) == ["a", "b"]


def test_when_the_commit_fails_every_unit_fails_and_the_next_group_is_fine(connection, tmp_path):
    other = sqlite3.connect(tmp_path / "one.sqlite", isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    outcomes = commit_group(connection, [note("a"), note("b")])
    assert [outcome.error.code for outcome in outcomes] == [ErrorCode.UNAVAILABLE] * 2
    assert outcomes[0].error.hint
    other.execute("ROLLBACK")
    other.close()
    assert [outcome.error for outcome in commit_group(connection, [note("c")])] == [None]
    assert notes(connection) == ["c"]


def test_a_disk_that_fails_under_one_unit_fails_the_whole_group(connection):
    connection.execute("PRAGMA max_page_count = 4")

    def flood(connection):
        for number in range(1000):
            note(f"{number} " + "x" * 500)(connection)

    outcomes = commit_group(connection, [note("a"), flood, note("b")])
    assert [str(outcome.error) for outcome in outcomes] == ["the disk is full (SQLITE_FULL)"] * 3
    assert notes(connection) == []
    assert commit_group(connection, [note("c")])[0].error is None


@pytest.fixture
def directory(tmp_path):
    directory = Directory()
    paths = {database: tmp_path / f"{database}.sqlite" for database in Database}
    spec = ChildSpec("store", lambda: StoreActor(paths=paths))
    directory.boot(Supervisor(SupervisorFlags(), [spec], directory=directory))
    yield directory
    directory.stop("hive", 5)


def peer(name):
    return lambda connection: connection.execute("INSERT INTO peers (name, created_at) VALUES (?, 0)", (name,)).rowcount


def peers(connection):
    return [name for (name,) in connection.execute("SELECT name FROM peers ORDER BY name")]


def test_all_units_that_wait_during_a_commit_share_the_next_one(directory):
    began, go_on, statements = Event(), threading.Event(), []

    def slow(connection):
        connection.set_trace_callback(statements.append)
        began.set()
        assert go_on.wait(SECONDS)

    first = store.write(directory, slow)
    assert began.wait(SECONDS)
    others = [store.write(directory, peer(f"p{number}")) for number in range(20)]
    assert not any(promise.done for promise in others)
    gevent.idle()
    go_on.set()
    first.get(timeout=SECONDS)
    assert [promise.get(timeout=SECONDS) for promise in others] == [1] * 20
    assert statements.count("BEGIN IMMEDIATE") == 1, "the first BEGIN came before the trace"
    assert len(store.read(directory, peers)) == 20


def test_the_loop_goes_on_while_the_disk_works(directory):
    gate, ticks = threading.Event(), []
    write = store.write(directory, lambda _connection: gate.wait(SECONDS))
    for tick in range(3):
        gevent.idle()
        ticks.append(tick)
    assert not write.done
    gate.set()
    assert write.get(timeout=SECONDS)
    assert len(ticks) == 3


def test_a_read_sees_the_last_commit_and_cannot_write(directory):
    store.write(directory, peer("ann")).get(timeout=SECONDS)
    assert store.read(directory, peers) == ["ann"]
    with pytest.raises(HiveError, match="read-only"):
        store.read(directory, peer("bob"))
    assert store.read(directory, peers) == ["ann"]


def test_a_query_that_fails_is_an_error_and_never_an_empty_answer(directory):
    with pytest.raises(ZeroDivisionError):
        store.read(directory, lambda _connection: 1 // 0)
    assert store.read(directory, peers) == []


def test_the_two_databases_have_their_own_commits(directory):
    def turn(connection):
        connection.execute(
            "INSERT INTO turns (agent, ended_at, duration_ms, outcome, stats) VALUES ('a', 1, 1, 'ok', '{}')"
        )

    store.write(directory, turn, "telemetry").get(timeout=SECONDS)
    assert store.read(
        directory, lambda connection: connection.execute("SELECT count(*) FROM turns").fetchone(), "telemetry"
    ) == (1,)


def test_hive_is_fsynced_and_has_one_writer_without_mmap(directory):
    def pragmas(connection):
        return [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "mmap_size")
        ]

    full, normal = 2, 1
    assert store.write(directory, pragmas_outside(pragmas)).get(timeout=SECONDS) == ["wal", full, 0]
    assert store.write(directory, pragmas_outside(pragmas), "telemetry").get(timeout=SECONDS) == ["wal", normal, 0]


def pragmas_outside(pragmas):
    """The pragmas of the writing connection; asking changes nothing, so the open transaction does not matter."""
    return pragmas


def test_when_the_writing_thread_dies_the_store_crashes_and_a_fresh_one_takes_over(directory):
    class Unthinkable(BaseException):
        pass

    def fatal(_connection):
        raise Unthinkable

    lost = store.write(directory, fatal)
    with pytest.raises(NotRunning):
        lost.get(timeout=SECONDS)
    until(lambda: directory.actor("store"), "a fresh store").started.get(timeout=SECONDS)
    store.write(directory, peer("late")).get(timeout=SECONDS)
    assert store.read(directory, peers) == ["late"]


@pytest.mark.slow
def test_a_second_store_on_the_same_files_does_not_start(directory, tmp_path):
    second = Directory(root="second")
    paths = {Database.HIVE: tmp_path / "hive.sqlite"}
    with pytest.raises(StartFailed, match=r"hive.sqlite is in use"):
        second.boot(StoreActor(paths=paths))


def test_a_lock_that_is_held_is_tried_for_two_seconds_and_taken_as_soon_as_it_is_free(tmp_path):
    now, pauses = [0.0], []

    def sleep(seconds):
        pauses.append(seconds)
        now[0] += seconds

    path = tmp_path / "hive.sqlite"
    held = opening.lock(path)
    with pytest.raises(HiveError, match=r"hive.sqlite is in use"):
        opening.lock(path, monotonic=lambda: now[0], sleep=sleep)
    assert now[0] == pytest.approx(2, abs=0.02)
    assert pauses
    os.close(held)
    os.close(opening.lock(path, monotonic=lambda: now[0], sleep=sleep))


def test_what_was_queued_at_a_stop_is_committed_before_the_file_is_closed(tmp_path):
    directory = Directory()
    paths = {Database.HIVE: tmp_path / "hive.sqlite"}
    directory.boot(StoreActor(paths=paths), "store")
    promises = [store.write(directory, peer(f"p{number}")) for number in range(100)]
    gevent.idle()
    directory.stop("store", 5)
    directory.boot(StoreActor(paths=paths), "store")
    assert len(store.read(directory, peers)) == 100
    assert sum(promise.done and promise.error is None for promise in promises) == 100
    directory.stop("store", 5)
