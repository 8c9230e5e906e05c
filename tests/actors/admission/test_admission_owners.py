"""Who is suspended: the owner of a name that sent the requests, over errors that its requests can cause."""

import errno

import pytest

from actors.admission import api as admission
from actors.admission.messages import ADMISSION, RequestCrashed
from actors.agent.registry import api
from actors.agent.socket import mail, routes
from actors.routes import route
from actors.store import api as store
from actors.supervision import Actor, ChildSpec, Supervisor, SupervisorFlags, settle
from harness.wire.agent_api import mail as wire
from harness.wire.agent_api.mail import SendReply
from tests.actors.agent.hive_parts import AgentHive
from tests.actors.whole_hive import WholeHive, Wire
from tests.waiting import until

pytestmark = pytest.mark.slow


class Disk(Actor):
    """Fails with the error number it is told."""

    def handle(self, message):
        raise OSError(message, "as it was told")


@pytest.fixture
def hive(monkeypatch):
    def send(context, request, connection):
        way, _, word = request.body.partition(" ")
        match way:
            case "actor":
                context.directory.ask("parts/disk", int(word))
            case "tell":
                context.directory.tell("parts/disk", int(word))
                return SendReply(id=1)
            case "function":
                raise OSError(int(word), "as it was told")
        return mail.send(context, request, connection)

    others = [one for one in routes.ROUTES if one.verb is not wire.SEND]
    monkeypatch.setattr("actors.agent.socket.listener.ROUTES", (*others, route(wire.SEND, send)))
    hive = AgentHive()
    parts = Supervisor(
        SupervisorFlags(intensity=0), [ChildSpec("disk", Disk)], directory=hive.directory, clock=hive.clock
    )
    hive.boot("parts", parts)
    api.spawn(hive.directory, "mallory")
    yield hive
    hive.remove()


def ask(hive, body, name="mallory"):
    with hive.client(name) as client:
        reply = client.ask("send", to="manager", body=body)
    settle()
    hive.directory.ask(ADMISSION, "are you done?")
    return reply


def suspended(hive):
    return [row.name for row in admission.suspensions(hive.directory)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO, errno.EROFS])
def test_the_machines_troubles_suspend_nobody_and_are_told_as_what_they_are(hive, number):
    for _ in range(4):
        refusal = ask(hive, f"function {number}")
        assert refusal["code"] == "unavailable"
        assert "as it was told" in refusal["error"]
    assert suspended(hive) == []
    assert len(admission.kept_requests(hive.directory, "mallory")) == 4


def test_a_component_that_meets_the_machines_trouble_is_restarted_and_blames_nobody(hive):
    """Its supervisor has no budget at all: such an end uses up none."""
    for way in ("actor", "tell", "actor", "tell"):
        ask(hive, f"{way} {errno.ENOSPC}")
    assert suspended(hive) == []
    assert len(admission.kept_requests(hive.directory, "mallory")) == 4
    for _ in range(2):
        ask(hive, f"actor {errno.ELOOP}")
    assert suspended(hive) == ["mallory"]


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EISDIR])
def test_an_error_that_a_value_can_cause_counts(hive, number):
    assert ask(hive, f"function {number}")["code"] == "internal"
    assert ask(hive, f"function {number}")["code"] == "internal"
    assert suspended(hive) == ["mallory"]


def crash_twice(hive):
    for _ in range(2):
        ask(hive, f"function {errno.ELOOP}")
    assert suspended(hive) == ["mallory"]


def respawn(hive):
    api.destroy(hive.directory, "mallory")
    api.purge(hive.directory, "mallory")
    assert suspended(hive) == []
    api.spawn(hive.directory, "mallory")


def test_the_next_owner_of_a_name_is_not_suspended_and_has_no_kept_requests(hive):
    crash_twice(hive)
    respawn(hive)
    assert ask(hive, "hello")["ok"]
    assert admission.kept_requests(hive.directory, "mallory") == []
    ask(hive, f"function {errno.ELOOP}")
    assert suspended(hive) == []
    ask(hive, f"function {errno.ELOOP}")
    assert suspended(hive) == ["mallory"]


def test_a_crash_of_the_owner_before_is_not_held_to_the_next_one(hive):
    client = hive.context.clients.of("mallory")
    respawn(hive)
    for _ in range(3):
        hive.directory.tell(ADMISSION, RequestCrashed("mallory", "socket", "late", "send", "{}", 2, client))
    hive.directory.ask(ADMISSION, "are you done?")
    assert suspended(hive) == []
    assert admission.kept_requests(hive.directory, "mallory") == []


def test_a_destroyed_agent_that_comes_back_is_the_same_and_stays_suspended(hive):
    crash_twice(hive)
    api.destroy(hive.directory, "mallory")
    assert suspended(hive) == ["mallory"]
    api.spawn(hive.directory, "mallory")
    assert ask(hive, "hello")["code"] == "unavailable"


def test_a_suspension_belongs_to_one_owner_also_across_a_restart_and_for_peers():
    hive = WholeHive()
    try:
        hive.settle_in(["alice"])
        with hive.host() as host:
            assert host.ask("add_peer", name="paula")["ok"]
        for name in ("alice", "paula"):
            client = hive.app.agents.clients.of(name)
            for _ in range(2):
                admission.crashed(hive.directory, RequestCrashed(name, "socket", "why", "send", "{}", 2, client))
        until(lambda: len(admission.suspensions(hive.directory)) == 2, "both are suspended")
        store.wait_for_writes(hive.directory)
        hive.close()
        hive.open()
        assert suspended(hive) == ["alice", "paula"]
        with hive.host() as host:
            assert host.ask("remove_peer", name="paula")["ok"]
            assert host.ask("add_peer", name="paula")["ok"]
        with Wire(hive.config.run_dir / "peers/paula/hive.sock") as paula:
            assert paula.ask("whoami")["ok"]
        hive.close()
        hive.open()
        assert suspended(hive) == ["alice"]
    finally:
        hive.remove()
