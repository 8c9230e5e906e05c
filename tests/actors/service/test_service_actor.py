"""The hive as a service: what its service manager is told, and when a heartbeat is missing."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from actors.service import api
from actors.service.actor import ServiceActor
from actors.service.messages import SERVICE, GetStopPolicy, OnStop, StopPolicy
from actors.service.systemd import Notifier
from actors.supervision import settle
from tests.actors.components import Components
from tests.waiting import readable


@pytest.fixture
def manager():
    """The service manager's socket."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(Path(folder) / "notify"))
        sock.setblocking(False)
        yield sock


@pytest.fixture
def components(tmp_path, manager):
    components = Components(tmp_path)
    components.boot(SERVICE, service(components, Notifier(manager.getsockname(), 30.0)))
    yield components
    components.close()


def service(components, notifier, on_stop=OnStop.KEEP):
    return ServiceActor(
        notifier=notifier, on_stop=on_stop, grace_seconds=20.0, directory=components.directory, clock=components.clock
    )


def lines_of(manager):
    lines = []
    while True:
        try:
            lines += manager.recv(4096).decode().splitlines()
        except BlockingIOError:
            return lines


def wait_for(manager, line):
    lines = []
    while line not in lines:
        readable(manager, line)
        lines += lines_of(manager)


def test_a_heartbeat_every_half_of_what_the_service_manager_takes(components, manager):
    for _ in range(3):
        components.clock.advance(14.9)
        settle()
        assert lines_of(manager) == []
        components.clock.advance(0.1)
        wait_for(manager, "WATCHDOG=1")


@pytest.mark.parametrize("component", ["broker", "store"])
def test_no_heartbeat_while_the_broker_or_the_store_does_not_answer(components, manager, component):
    stuck = components.directory.actor(component)
    answer, stuck.handle = stuck.handle, lambda _message: stuck.promise()
    components.clock.advance(60)
    settle()
    assert "WATCHDOG=1" not in lines_of(manager)
    stuck.handle = answer
    components.clock.advance(15)
    wait_for(manager, "WATCHDOG=1")


def test_the_status_is_told_when_it_changes(components, manager):
    for agents, running in ((3, 2), (3, 2), (3, 3)):
        api.tally(components.directory, agents, running)
    settle()
    assert lines_of(manager) == ["STATUS=3 agents, 2 running", "STATUS=3 agents, 3 running"]


def test_containers_are_kept_until_the_hive_is_closing_and_the_grace_period_is_one_for_all(components):
    components.stop(SERVICE)
    actor = service(components, Notifier(), OnStop.STOP)
    components.boot(SERVICE, actor)
    assert api.stop_policy(components.directory) is None
    actor._closed_at = components.clock.monotonic()
    assert api.stop_policy(components.directory) == StopPolicy(ends=True, grace_seconds=20.0)
    components.clock.advance(15)
    assert api.stop_policy(components.directory) == StopPolicy(ends=True, grace_seconds=5.0)
    components.clock.advance(15)
    assert api.stop_policy(components.directory) == StopPolicy(ends=True, grace_seconds=0.0)
    assert components.directory.ask(SERVICE, GetStopPolicy()).rebuild is False


def test_without_a_service_actor_every_container_is_kept(components):
    components.stop(SERVICE)
    assert api.stop_policy(components.directory) is None
    assert api.close(components.directory, "no service actor") is False


@pytest.mark.parametrize(
    ("env", "notifier"),
    [
        ({}, Notifier()),
        ({"NOTIFY_SOCKET": "/run/x"}, Notifier("/run/x")),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "3000000"}, Notifier("/run/x", 3.0)),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, Notifier("/run/x")),
        ({"NOTIFY_SOCKET": "", "WATCHDOG_USEC": "soon"}, Notifier()),
    ],
)
def test_what_the_service_manager_has_left_in_the_environment_is_taken_out_of_it(env, notifier):
    env = {"PATH": "/bin", **env}
    assert Notifier.from_env(env, os.getpid()) == notifier
    assert env == {"PATH": "/bin"}


def test_a_service_manager_that_does_not_listen_is_no_trouble(tmp_path):
    Notifier(str(tmp_path / "nobody")).send("READY=1")
    Notifier().send("READY=1")


def test_an_abstract_address_is_understood():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0hive-test-{os.getpid()}")
        sock.settimeout(2)
        Notifier(f"@hive-test-{os.getpid()}").send("READY=1", "STATUS=up")
        assert sock.recv(100) == b"READY=1\nSTATUS=up"
