"""The daemon owns the dashboard's port: it is never free while the hive runs, and a taken one does not stop the hive."""

import http.client
import os
import signal
import socket

import pytest

from actors.dashboard.addresses import listen, to_hold
from actors.operator_token import read_or_make
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until


@pytest.mark.parametrize(
    ("setting", "held"),
    [
        ("127.0.0.1", ("127.0.0.1", "::1")),
        ("::1", ("::1", "127.0.0.1")),
        ("0.0.0.0", ("0.0.0.0", "::1")),
        ("::", ("0.0.0.0", "::")),
        ("192.0.2.10", ("192.0.2.10", "127.0.0.1", "::1")),
    ],
)
def test_the_port_is_held_on_loopback_of_both_families(setting, held):
    assert to_hold(setting) == held


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def taken(address, port):
    """Whether a program that binds as an agent's would is refused."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            squatter.bind((address, port))
            squatter.listen()
        except OSError:
            return True
        return False


def test_a_taken_address_is_named_and_no_other_is_kept():
    port = free_port()
    with socket.create_server(("::1", port), family=socket.AF_INET6), pytest.raises(OSError, match="in use") as refused:
        listen(("127.0.0.1", "::1"), port)
    assert refused.value.filename == f"[::1]:{port}"
    assert not taken("127.0.0.1", port)


def test_a_name_for_loopback_is_held_once():
    port = free_port()
    held = listen(to_hold("localhost"), port)
    try:
        assert {sock.getsockname()[0] for sock in held} == {"127.0.0.1", "::1"}
        assert taken("::1", port)
    finally:
        for sock in held:
            sock.close()


def test_an_address_that_this_machine_does_not_have_is_left_out_unless_it_was_asked_for():
    port = free_port()
    (only,) = listen(("127.0.0.1", "2001:db8::7"), port)
    only.close()
    with pytest.raises(OSError, match="assign"):
        listen(("2001:db8::7", "127.0.0.1"), port)


class DashboardHive(WholeHive):
    """A whole hive with a dashboard."""

    def __init__(self, port):
        self.port = port
        super().__init__(web_port=port)

    def open(self):
        read_or_make(self.config.token_file)
        super().open()

    def served(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("GET", "/healthz")
        try:
            return connection.getresponse().status == 200
        finally:
            connection.close()

    @property
    def pid(self):
        return self.node("web/process")["pid"]


@pytest.fixture
def port():
    return free_port()


@pytest.mark.slow
def test_the_port_is_never_free_while_the_web_process_restarts(port):
    hive = DashboardHive(port)
    try:
        assert hive.served()
        first = hive.pid
        os.kill(first, signal.SIGKILL)
        attempts = 0
        while hive.pid in (first, None) or attempts < 50:
            assert taken("127.0.0.1", port)
            assert taken("::1", port)
            assert taken("0.0.0.0", port)
            attempts += 1
            until(lambda: True, "the hive goes on")
        # A client that came meanwhile has waited in the backlog of the same socket.
        assert hive.served()
    finally:
        hive.remove()
    assert not taken("127.0.0.1", port)


@pytest.mark.slow
def test_a_taken_port_is_named_and_the_hive_runs_and_takes_it_when_it_is_free(port, caplog):
    with socket.create_server(("127.0.0.1", port)):
        hive = DashboardHive(port)
        assert f"127.0.0.1:{port} is taken" in caplog.text
        assert f"127.0.0.1:{port} is taken" in hive.node("web/port")["state"]
        assert hive.node("web/process")["state"] == "waits for the port"
    try:
        until(lambda: hive.pid is not None, "the web process runs")
        assert hive.served()
    finally:
        hive.remove()
