"""Attacks on the proxy from an agent's socket: whatever is asked for, in whatever spelling, nothing private is reached."""

import contextlib

import pytest

from harness.wire.network import Network
from tests.harness.proxy_process import Client, ProxyProcess
from tests.redteam.internet import MACHINE, SERVER, SERVER_6, Internet, needs_namespaces

pytestmark = pytest.mark.slow

PORT = 5555
LOOPBACK = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.0.0.1.", "0", "0.0.0.0",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost",
    "loopback.example", "LOOPBACK.example.", "loopback6.example", "mapped.example", "mixed.example", "machine.example",
    MACHINE,
]  # fmt: skip
PRIVATE = [
    "10.0.0.1",
    "192.168.7.7",
    "172.16.9.9",
    "169.254.169.254",
    "100.64.0.1",
    "lan.example",
    "metadata.example",
    "[fe80::1]",
    "[fe80::1%25uplink]",
    "[fd00::1]",
    "224.0.0.1",
    "255.255.255.255",
]


@pytest.fixture(scope="module")
def internet():
    with Internet() as internet:
        yield internet


@pytest.fixture(scope="module")
def proxy(internet):
    with ProxyProcess(prefix=internet.on_machine) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def path(proxy):
    return proxy.serve("alice")


@needs_namespaces
@pytest.mark.parametrize("host", [*LOOPBACK, *PRIVATE])
def test_no_private_address_is_reached_by_any_protocol(internet, path, host):
    service = internet.listen(PORT)
    try:
        with Client(path) as client:
            assert client.connect(host, PORT) in {400, 403}
        with Client(path) as client:
            client.send(f"GET http://{host}:{PORT}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert client.head()[0] in {400, 403}
        with Client(path) as client:
            assert client.socks(host.strip("[]"), PORT) == 2
    finally:
        assert service.close() == 0


@needs_namespaces
@pytest.mark.parametrize("host", ["allowed.example", "six.example", SERVER, f"[{SERVER_6}]"])
def test_a_public_host_is_reached_by_every_protocol(path, host):
    request = b"GET /hello HTTP/1.0\r\n\r\n"
    with Client(path) as client:
        assert client.connect(host, 80) == 200
        client.send(request)
        assert client.answer()[2] == b"hello from the internet\n"
    with Client(path) as client:
        client.send(f"GET http://{host}/hello HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer()[2] == b"hello from the internet\n"
    with Client(path) as client:
        assert client.socks(host.strip("[]"), 80) == 0
        client.send(request)
        assert client.answer()[2] == b"hello from the internet\n"


@needs_namespaces
def test_allow_is_enforced_by_name_and_an_address_does_not_get_around_it(proxy):
    path = proxy.serve("bob", network=Network(mode="proxied", allow=["allowed.example", "*.allowed.example"]))
    asked = {"allowed.example": 200, "deep.allowed.example": 200, "other.example": 403, SERVER: 403, "six.example": 403}
    for host, status in asked.items():
        with Client(path) as client:
            assert client.connect(host, 80) == status, host


@needs_namespaces
def test_without_a_network_there_is_the_model_alone(proxy):
    path = proxy.serve("carol", network=Network(mode="none"))
    for host in ("allowed.example", SERVER, "loopback.example"):
        with Client(path) as client:
            assert client.connect(host, 80) == 403


@needs_namespaces
def test_every_host_is_recorded_with_how_it_went(proxy):
    path = proxy.serve("dave", network=Network(mode="proxied", allow=["allowed.example", "lan.example"]))
    for host in ("allowed.example", "allowed.example", "other.example", "lan.example", "127.1"):
        with Client(path) as client:
            client.connect(host, 80)

    rows = proxy.wait_for("dave", 5)
    refused = {row["host"]: row["reason"] for row in rows if row["refused"]}
    assert sum(row["connected"] for row in rows if row["host"] == "allowed.example") == 2
    assert refused == {
        "other.example": "it is not in network.allow",
        "lan.example": "it has a private address",
        "127.0.0.1": "it is not in network.allow",
    }


@needs_namespaces
def test_a_thousand_names_stay_a_bounded_record(proxy):
    path = proxy.serve("eve", network=Network(mode="proxied", allow=[]))
    for number in range(400):
        with Client(path) as client:
            assert client.connect(f"n{number}.example", 80) == 403
    rows = proxy.wait_for("eve", 400)
    assert sum(row["refused"] for row in rows) == 400


@needs_namespaces
def test_connections_of_one_agent_do_not_close_the_door_for_another(proxy, path):
    with contextlib.ExitStack() as flood:
        for _ in range(200):  # more than it may have; what the kernel has no room for fails at the agent's end
            with contextlib.suppress(BlockingIOError):
                flood.enter_context(Client(path))
        with Client(proxy.serve("frank")) as client:
            assert client.connect("allowed.example", 80) == 200
