"""The proxy's part of the tree: its sockets outlive its process, and every process is told of all of them."""

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import pytest
from gevent.socket import AF_UNIX, SOCK_SEQPACKET, socketpair

from actors.proxy import api
from actors.proxy.hosts import HostTable
from actors.proxy.messages import SOCKETS, HostReported, ProcessStarted
from actors.proxy.sockets import ProxySocketsActor, Sockets
from actors.proxy.supervisor import proxy_spec
from actors.supervision import SYSTEM_CLOCK, Directory, Strategy, Supervisor, SupervisorFlags
from harness.wire.network import Network
from harness.wire.proxy import MAX_HOSTS, ORDERS, Close, HostReport, Serve, Upstream
from tests.harness.proxy_process import Client
from tests.waiting import SECONDS, until


@pytest.fixture
def folder():
    place = Path(tempfile.mkdtemp(prefix="hive-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def directory():
    return Directory(root="hive")


@pytest.fixture
def sockets(directory):
    kept = Sockets()
    directory.boot(ProxySocketsActor(kept, clock=SYSTEM_CLOCK), SOCKETS)
    yield kept
    directory.stop(SOCKETS, SECONDS)
    assert not kept.listening


def open_socket(directory, folder, agent="alice", **network):
    path = folder / f"{agent}.sock"
    settings = {"network": Network(**{"mode": "proxied", **network}), "upstream": Upstream(key="k")}
    api.open_socket(directory, agent, path=path, owner=os.geteuid(), **settings)
    return path


def told(process):
    data, descriptors, _, _ = process._sock.recvmsg(65536, 4096)
    for _, _, content in descriptors:
        os.close(int.from_bytes(content[:4], "little"))
    return ORDERS.validate_json(data), len(descriptors)


def new_process(directory):
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    directory.tell(SOCKETS, ProcessStarted(ours))
    theirs._sock.setblocking(True)
    return theirs


def test_a_socket_is_for_its_owner_alone(directory, folder, sockets):
    status = open_socket(directory, folder).stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, os.geteuid())


def test_every_process_is_told_of_all_sockets_with_a_descriptor_each(directory, folder, sockets):
    for agent in ("alice", "bob"):
        open_socket(directory, folder, agent)
    for _ in range(2):
        process = new_process(directory)
        api.hosts(directory, "alice")  # the actor has told it
        orders = [told(process) for _ in range(2)]
        assert [(order.agent, count) for order, count in orders] == [("alice", 1), ("bob", 1)]
        process.close()


def test_a_closed_socket_is_gone_and_the_process_is_told(directory, folder, sockets):
    process = new_process(directory)
    path = open_socket(directory, folder)
    api.close_socket(directory, "alice")
    api.hosts(directory, "alice")
    assert isinstance(told(process)[0], Serve)
    assert told(process) == (Close(agent="alice"), 0)
    assert not path.exists()
    process.close()


def test_a_socket_that_is_opened_again_stays_and_has_its_new_settings(directory, folder, sockets):
    inode = open_socket(directory, folder).stat().st_ino
    assert open_socket(directory, folder, mode="none").stat().st_ino == inode
    assert sockets.opened["alice"].network == Network(mode="none")


def test_an_actor_that_starts_again_serves_the_same_agents(directory, folder, sockets):
    path = open_socket(directory, folder)
    directory.stop(SOCKETS, SECONDS)
    directory.boot(ProxySocketsActor(sockets, clock=SYSTEM_CLOCK), SOCKETS)
    process = new_process(directory)
    api.hosts(directory, "alice")  # the actor has told it
    with Client(path):
        assert told(process)[0].agent == "alice"
    process.close()


def test_a_process_that_takes_no_orders_holds_nobody_up(directory, folder, sockets):
    new_process(directory).close()
    assert open_socket(directory, folder).exists()


def test_hosts_are_counted_and_the_oldest_make_room(directory, sockets):
    for number in range(MAX_HOSTS + 5):
        report = HostReport(agent="alice", host=f"n{number}", port=443, connected=1, last_ms=number)
        directory.tell(SOCKETS, HostReported(report))
    rows = api.hosts(directory, "alice")
    assert (len(rows), rows[0].host, rows[-1].host) == (MAX_HOSTS, f"n{MAX_HOSTS + 4}", "n5")
    assert api.hosts(directory, "bob") == []


def test_counts_of_a_host_add_up():
    table = HostTable()
    table.add(HostReport(agent="a", host="h", port=1, connected=2, last_ms=1))
    table.add(HostReport(agent="a", host="h", port=1, refused=1, reason="no", last_ms=2))
    (row,) = table.of("a")
    assert (row.connected, row.refused, row.reason, row.last_ms) == (2, 1, "no", 2)


@pytest.mark.slow
def test_a_connection_made_while_the_process_is_away_is_served_by_the_next_one(directory, folder):
    spec = proxy_spec(log_file=folder / "proxy.log", uid=None, directory=directory, clock=SYSTEM_CLOCK)
    flags = SupervisorFlags(Strategy.ONE_FOR_ONE)
    directory.boot(Supervisor(flags, [spec], directory=directory, clock=SYSTEM_CLOCK))
    try:
        path = open_socket(directory, folder, mode="none")
        first = directory.actor("proxy/process").pid
        os.kill(first, signal.SIGKILL)
        with Client(path) as client:
            client.send(b"CONNECT example.org:443 HTTP/1.1\r\n\r\n")
            until(lambda: api.hosts(directory, "alice"), "the next process has refused and reported it")
            assert client.head()[0] == 403
        assert directory.actor("proxy/process").pid != first
        assert api.hosts(directory, "alice")[0].reason == 'network.mode is "none"'
    finally:
        directory.stop("hive", SECONDS)
