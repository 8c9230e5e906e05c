"""Damaged files that the daemon reads when it starts: put aside under a name with the time, said, and begun anew."""

import contextlib
import os

import pytest

from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.detached import EXIT, RECORD
from actors.agent.runtime.lock_holder import holders
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.runtime.userns import Ranges
from actors.agent.workspace.paths import Workspace
from actors.operator_token import read_or_make
from actors.put_aside import put_aside_below
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import Directory, StartFailed
from tests.actors.agent.stand_ins import SERVE, launch, lines_until, wait_end
from tests.actors.whole_hive import WholeHive
from tests.needs import needs
from tests.waiting import until

GARBAGE = [b"", b"\x00\xff\xfe" * 30, b"[1]", b'{"alice": "x"', b'{"alice": "x"}', b"[" * 100_000]


@pytest.mark.parametrize("content", GARBAGE)
def test_a_token_file_without_a_token_is_replaced(tmp_path, content):
    path = tmp_path / "operator.token"
    path.write_bytes(content[:20])
    path.chmod(0o600)
    token = read_or_make(path)
    assert len(token) > 32
    assert read_or_make(path) == token
    (aside,) = put_aside_below(tmp_path)
    assert aside.name.startswith("operator.token.damaged-2")
    assert aside.read_bytes() == content[:20]


@pytest.mark.parametrize("content", GARBAGE)
def test_a_damaged_record_of_uids_leads_every_agent_to_its_range_again(tmp_path, content):
    before = {name: Ranges(tmp_path).base(name) for name in ("alice", "bob")}
    (tmp_path / "userns.json").write_bytes(content)
    assert {name: Ranges(tmp_path).base(name) for name in ("alice", "bob")} == before
    assert [one.read_bytes() for one in put_aside_below(tmp_path)] == [content]


@pytest.fixture
def agents(tmp_path):
    return Workspace(tmp_path / "state", tmp_path / "run")


@pytest.mark.slow
@needs("bwrap")
@pytest.mark.parametrize("kind", [ProcessRuntime, BwrapRuntime], ids=lambda kind: kind.name)
@pytest.mark.parametrize("content", [b"", b'{"name": 7}'])
def test_a_container_whose_record_is_damaged_is_ended_before_its_successor_starts(agents, kind, content):
    runtime, order = kind(), launch(agents, SERVE)
    runtime.create(order)
    first = runtime.start(order)
    lines_until(runtime, order.paths, "up")
    (order.paths.run / RECORD).write_bytes(content)
    assert runtime.find(order.paths) is None
    second = runtime.start(order)
    try:
        assert second.id != first.id
        assert not runtime.status(order.paths, first).running
        assert len(list(put_aside_below(agents.run_dir))) == 1
    finally:
        runtime.kill(second)
        runtime.destroy(order.paths)


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b'{"id": "ID"}', b'{"id": "ID", "exit_status": "x"}'])
def test_an_end_whose_record_is_damaged_is_an_unknown_end(agents, content):
    runtime, order = ProcessRuntime(), launch(agents, "raise SystemExit(3)")
    runtime.create(order)
    container = runtime.start(order)
    wait_end(runtime, container)
    (order.paths.run / EXIT).write_bytes(content.replace(b"ID", container.id.encode()))
    status = runtime.status(order.paths, container)
    assert (status.running, status.exit_status) == (False, None)
    runtime.destroy(order.paths)


def test_the_holder_of_a_lock_is_read_from_the_kernels_list():
    locks = (
        "1: POSIX  ADVISORY  WRITE 11 00:1f:77 0 EOF\n"
        "2: FLOCK  ADVISORY  WRITE 12 00:1f:77 0 EOF\n"
        "2: -> FLOCK  ADVISORY  WRITE 13 00:1f:77 0 EOF\n"
        "3: FLOCK  ADVISORY  WRITE 14 00:1f:78 0 EOF\n"
    )
    assert holders(locks, 0, 0x1F, 77) == [12]


def store(folder):
    return StoreActor(paths={one: folder / f"{one.value}.sqlite" for one in Database})


@contextlib.contextmanager
def running(folder):
    directory = Directory()
    directory.boot(store(folder), "store")
    try:
        yield directory
    finally:
        directory.stop("store", 5)


@pytest.mark.parametrize("content", [b"no database" * 1000, os.urandom(9000), b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_history_that_is_no_database_is_put_aside_and_mail_never_is(tmp_path, content):
    with running(tmp_path):
        pass
    (tmp_path / "telemetry.sqlite").write_bytes(content)
    with running(tmp_path):
        assert [one.read_bytes() for one in put_aside_below(tmp_path)] == [content]
    (tmp_path / "hive.sqlite").write_bytes(content)
    with pytest.raises(StartFailed, match="database"):
        Directory().boot(store(tmp_path), "store")
    assert (tmp_path / "hive.sqlite").read_bytes() == content


@pytest.mark.slow
def test_what_was_put_aside_needs_the_operator_until_it_is_deleted():
    hive = WholeHive()
    try:
        hive.close()
        (hive.config.state_dir / "db/telemetry.sqlite").write_bytes(b"no database" * 1000)
        hive.open()
        with hive.host() as operator:
            row = until(lambda: operator.ask("quarantine")["rows"], "it is listed")[0]
            assert row["table"] == "files"
            assert "telemetry.sqlite was damaged and put aside at 20" in row["reason"]
            (promise,) = [one for one in operator.ask("verify")["promises"] if one["name"] == "rows"]
            assert not promise["held"]
            assert not operator.ask("drop_quarantined", table="files", key="/etc/hostname")["ok"]
            assert operator.ask("drop_quarantined", table="files", key=row["key"])["ok"]
            assert operator.ask("quarantine")["rows"] == []
    finally:
        hive.remove()
