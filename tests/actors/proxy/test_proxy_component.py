"""The proxy's part of the tree: its sockets outlive its process, and every process is told of all of them."""

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import pytest
from gevent import get_hub
from gevent.socket import AF_UNIX, SOCK_SEQPACKET, socketpair, wait_read

from actors.proxy import api, control
from actors.proxy.control import ProxyProgram
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


def open_socket(directory, folder, agent="alice", key="k", **network):
    path = folder / f"{agent}.sock"
    settings = {"network": Network(**{"mode": "proxied", **network}), "upstream": Upstream(key=key)}
    api.open_socket(directory, agent, path=path, owner=os.geteuid(), **settings)
    return path


def told(process):
    data, descriptors, _, _ = process._sock.recvmsg(65536, 4096)
    for _, _, content in descriptors:
        os.close(int.from_bytes(content[:4], "little"))
    return ORDERS.validate_json(data), len(descriptors)


def new_process(directory, held=None):
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    directory.tell(SOCKETS, ProcessStarted(ours, held or {}))
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


def test_a_new_key_holds_for_every_agent_at_once(directory, folder, sockets):
    process = new_process(directory)
    open_socket(directory, folder, "alice")
    open_socket(directory, folder, "bob", key="new")
    orders = [told(process) for _ in range(3)]
    assert [(order.agent, order.upstream.key, count) for order, count in orders] == [
        ("alice", "k", 1),
        ("bob", "new", 1),
        ("alice", "new", 0),
    ]
    process.close()


def test_a_socket_that_a_proxy_holds_already_is_kept_and_gets_its_settings(directory, folder, sockets):
    inode = open_socket(directory, folder).stat().st_ino
    held = {"alice": sockets.listening.pop("alice")}
    sockets.opened.clear()
    process = new_process(directory, held)
    assert open_socket(directory, folder, mode="none").stat().st_ino == inode
    order, count = told(process)
    assert (order.network.mode, count) == ("none", 0)
    process.close()


def test_a_held_socket_whose_path_is_gone_is_made_anew(directory, folder, sockets):
    path = open_socket(directory, folder)
    held = {"alice": sockets.listening.pop("alice")}
    sockets.opened.clear()
    path.unlink()
    process = new_process(directory, held)
    assert open_socket(directory, folder).exists()
    assert told(process)[1] == 1
    process.close()


def test_an_agent_that_runs_no_longer_is_closed_though_an_earlier_daemon_opened_it(directory, folder, sockets):
    path = open_socket(directory, folder)
    held = {"alice": sockets.listening.pop("alice")}
    sockets.opened.clear()
    process = new_process(directory, held)
    api.close_socket(directory, "alice")
    api.hosts(directory, "alice")  # the actor has told it
    assert told(process) == (Close(agent="alice"), 0)
    assert not path.exists()
    process.close()


class Daemon:
    """The proxy's part of a daemon, with a real process."""

    def __init__(self, folder, revision="one"):
        self.directory = Directory(root="hive")
        self.folder = folder
        program = ProxyProgram(folder / "proxy", folder / "proxy.log", None, revision)
        spec = proxy_spec(program, directory=self.directory, clock=SYSTEM_CLOCK)
        flags = SupervisorFlags(Strategy.ONE_FOR_ONE)
        self.directory.boot(Supervisor(flags, [spec], directory=self.directory, clock=SYSTEM_CLOCK))

    def pid(self, but=None):
        """Of the process, as soon as there is one."""
        actor = until(
            lambda: (one := self.directory.actor("proxy/process")) is not None and one.pid not in {None, but} and one,
            "a proxy runs",
        )
        return actor.pid

    def stop(self):
        self.directory.stop("hive", SECONDS)


@pytest.fixture
def daemon(folder):
    daemons = []

    def start(*args):
        daemons.append(Daemon(folder, *args))
        return daemons[-1]

    yield start
    if daemons[-1].directory.actor("hive") is not None:
        daemons[-1].stop()
    for link in control.running(folder / "proxy"):
        link.end()


def ended(pidfd):
    wait_read(pidfd, timeout=SECONDS)
    os.close(pidfd)
    return True


def refused(path):
    """What the proxy answers; asked in a native thread, while the hub has its turn."""

    def ask():
        with Client(path) as client:
            return client.connect("example.org", 443)

    return get_hub().threadpool.apply(ask)


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["keeper", "worker"])
def test_a_connection_made_while_the_process_is_away_is_served_by_the_next_one(daemon, folder, whom):
    hive = daemon()
    path = open_socket(hive.directory, folder, mode="none")
    first = hive.pid()
    (worker,) = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    os.kill(first if whom == "keeper" else int(worker), signal.SIGKILL)
    assert refused(path) == 403
    until(lambda: api.hosts(hive.directory, "alice"), "the next process has reported it")
    assert api.hosts(hive.directory, "alice")[0].reason == 'network.mode is "none"'
    assert (hive.pid(but=first if whom == "keeper" else None) == first) == (whom == "worker")


@pytest.mark.slow
def test_the_next_daemon_adopts_the_process_and_its_sockets(daemon, folder):
    hive = daemon()
    path = open_socket(hive.directory, folder, mode="none")
    first, inode = hive.pid(), path.stat().st_ino
    hive.stop()
    assert refused(path) == 403, "while there is no daemon"
    hive = daemon()
    assert open_socket(hive.directory, folder, mode="none").stat().st_ino == inode
    assert hive.pid() == first
    assert refused(path) == 403


@pytest.mark.slow
def test_a_process_of_another_revision_hands_over_and_ends(daemon, folder):
    hive = daemon()
    path = open_socket(hive.directory, folder, mode="none")
    first = hive.pid()
    pidfd = os.pidfd_open(first)
    hive.stop()
    hive = daemon("two")
    assert hive.pid() != first
    assert ended(pidfd)
    assert open_socket(hive.directory, folder, mode="none") == path
    assert refused(path) == 403


@pytest.mark.slow
def test_an_orderly_end_ends_the_process_when_no_agent_needs_it(daemon, folder):
    hive = daemon()
    open_socket(hive.directory, folder)
    pidfd = os.pidfd_open(hive.pid())
    api.close_socket(hive.directory, "alice")
    hive.stop()
    assert ended(pidfd)
    assert control.running(folder / "proxy") == []
