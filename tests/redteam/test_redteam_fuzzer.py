"""The four surfaces under hostile requests: an agent's, its harness's, the manager's, a peer's.

100,000 requests: HIVE_TORTURE=1 pytest -s -n 0 tests/redteam/test_redteam_fuzzer.py --timeout 3600; another number:
HIVE_TORTURE_COUNT. HIVE_SEED plays a run again.
"""

import collections
import contextlib
import logging
import random
import time

import gevent
import psutil
import pytest

from harness.wire import framing
from harness.wire.agent_api import AGENT_VERBS, HARNESS_VERBS, MANAGER_VERBS, PEER_VERBS
from harness.wire.operator_api import HOST_VERBS
from harness.wire.operator_api.requests import Listing, Plain
from tests import torture
from tests.actors.whole_hive import WholeHive, Wire
from tests.redteam import hostile
from web.live.sse import frame as sse_frame

pytestmark = pytest.mark.slow

GROWTH_BYTES = 200 * 1024 * 1024
"""What the process may grow by: caches of the database, the ring of events, the mail and questions that were accepted."""

NOT_LISTS = {"events", "subscribe_agent_status", "rebuild_all"}
LIFE = {"start", "kill", "restart", "update"}
"""Verbs of the manager that end and start containers: rare, they are slow and no value of theirs is stored."""


class Troubles(logging.Handler):
    """The tracebacks and errors of the log."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found = []

    def emit(self, record):
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(self.format(record))


@pytest.fixture
def troubles():
    handler = Troubles()
    logging.getLogger().addHandler(handler)
    yield handler.found
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def hive():
    hive = WholeHive()
    hive.settle_in(["alice", "bob"])
    with hive.host() as host:
        assert host.ask("add_peer", name="paula")["ok"]
    yield hive
    hive.remove()


class Surface:
    """A client of one socket that comes again when it is shown the door."""

    def __init__(self, connect, verbs):
        self.connect, self.verbs, self.wire = connect, verbs, None

    def ask(self, data):
        """The reply, or None when the daemon hung up without one."""
        if self.wire is None:
            self.wire = self.connect()
        try:
            self.wire.sock.sendall(data)
            reply = self.wire.line()
        except OSError:
            reply = None
        if reply is None or reply.get("code") in {"bad_request", "too_large"}:
            self.close()  # a line that is no JSON costs the connection
        return reply

    def hang_up(self, data):
        wire = self.connect()
        with contextlib.suppress(OSError):  # too long a line: the daemon hangs up first
            wire.sock.sendall(data)
        wire.sock.close()

    def close(self):
        if self.wire is not None:
            self.wire.sock.close()
            self.wire = None


def attack(hive, rounds, chance):
    surfaces = [
        Surface(lambda: hive.agent("alice"), AGENT_VERBS),
        Surface(lambda: hive.harness("alice"), HARNESS_VERBS),
        Surface(lambda: hive.agent("hm1nd"), MANAGER_VERBS),
        Surface(lambda: peer(hive, "paula"), PEER_VERBS),
    ]
    codes = collections.Counter()
    for _ in range(rounds):
        surface = chance.choice(surfaces)
        cmd = chance.choice([one for one in surface.verbs if one not in LIFE or chance.random() < 0.05])
        data = hostile.line(hostile.request(cmd, chance))
        if cmd in {"recv", "control"} and chance.random() < 0.7:
            surface.hang_up(data)  # it might wait for three minutes
            codes["hung up"] += 1
            continue
        if cmd in {"recv", "control"}:
            data = framing.encode({"cmd": cmd})
        reply = surface.ask(data)
        codes["none" if reply is None else reply.get("code", "ok")] += 1
        assert reply is None or reply.get("code") not in {"internal", "timeout", "unavailable"}, (data[:500], reply)
    for surface in surfaces:
        surface.close()
    return codes


@pytest.mark.parametrize("verbs", [AGENT_VERBS, HARNESS_VERBS, MANAGER_VERBS, PEER_VERBS])
def test_the_requests_that_are_spoilt_have_every_argument(verbs):
    """What has no place in a good request is never replaced by a hostile value."""
    for cmd, verb in verbs.items():
        seen = {name for number in range(20) for name in hostile.good(cmd, random.Random(number))}
        assert seen == {field.alias or name for name, field in verb.request.model_fields.items()} - {"cmd"}, cmd


def peer(hive, name):
    return Wire(hive.config.run_dir / "peers" / name / "hive.sock")


def listings(hive):
    """Every verb of the operator that only reads, asked of this hive."""
    arguments = {
        "turns": {"agent": "alice"}, "live_history": {"agent": "alice", "limit": 2000}, "stats": {"since": "1970-01-01T00:00:00Z"},
        "journal": {"name": "alice"}, "hosts": {"name": "alice"},
        **{cmd: {"name": "manager"} for cmd in ("agent_config", "config_log", "config_files", "config_tags", "config_diff", "config_compare")},
    }  # fmt: skip
    for cmd, verb in HOST_VERBS.items():
        if verb.request in {Plain, Listing} and cmd not in NOT_LISTS:
            yield cmd, {"limit": 1000} if verb.request is Listing else {}
        elif cmd in arguments:
            yield cmd, arguments[cmd]


def restarts(node):
    return node["restarts"] + sum(map(restarts, node["children"]))


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_hostile_requests_crash_nothing_and_every_list_is_readable_afterwards(hive, troubles, capfd):
    seed = torture.seed()
    rounds = torture.count(quick=2_000, full=100_000)
    chance = random.Random(seed)
    attack(hive, 500, random.Random(1))  # what a running hive has: caches, the tables' pages, the first events
    memory = psutil.Process().memory_info().rss
    stream = hive.host()
    first = stream.ask("events")["seq"]
    seen = gevent.spawn(read_stream, stream)
    began = time.monotonic()
    codes = attack(hive, rounds, chance)
    seconds = time.monotonic() - began
    with hive.host() as host:
        for cmd, arguments in listings(hive):
            reply = host.ask(cmd, **arguments)
            assert reply["ok"], (cmd, reply)
        assert host.ask("send", to="operator", body="the last")["ok"]
    assert seen.get(timeout=60) > first
    for wire in (hive.agent("alice"), hive.agent("hm1nd"), peer(hive, "paula")):
        with wire:
            assert wire.ask("loose_ends")["ok"]
            assert wire.ask("recent", limit=200)["ok"]
    with hive.harness("alice") as harness:
        assert harness.ask("control")["ok"]
        assert harness.ask("status")["ok"]
    stream.sock.close()
    grown = psutil.Process().memory_info().rss - memory
    printed = capfd.readouterr().err  # where gevent prints what escapes a greenlet or a thread
    with capfd.disabled():
        print(f"\nseed {seed}: {rounds} requests in {seconds:.0f} s, {dict(codes)}, {grown / 2**20:.0f} MiB more")
    assert restarts(hive.tree()) == 0, f"seed {seed}"
    assert troubles == [], f"seed {seed}"
    assert "Traceback" not in printed, f"seed {seed}: {printed[:2000]}"
    assert grown < GROWTH_BYTES, f"seed {seed}"


def read_stream(stream):
    """Every event in order, each such that a page can have it; the number of the last."""
    seq = None
    while True:
        event = stream.line()
        assert event is not None, "the stream ended"
        assert seq is None or event["seq"] == seq + 1
        seq = event["seq"]
        sse_frame(event["kind"], event["data"], seq).decode()
        str(event).encode()  # no half of a pair
        if event["kind"] == "message" and event["data"]["body"] == "the last":
            return seq
