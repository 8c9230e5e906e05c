"""A component with a bug, reached over the ordinary socket: its sender is suspended, nobody else notices.

The bugs are injected: a component that raises over a certain body, and functions of the socket that pass bodies on to it
in each of the ways that there are.
"""

import pytest

from actors.admission import api as admission
from actors.admission.messages import ADMISSION
from actors.agent.addresses import AGENTS
from actors.agent.registry import api
from actors.agent.socket import mail, routes
from actors.broker.actor import BrokerActor
from actors.broker.commit import unit_of
from actors.broker.messages import Send
from actors.routes import route
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import Actor, ChildSpec, Supervisor, SupervisorFlags, acting_for, settle, which_children
from harness.wire.agent_api import mail as wire
from harness.wire.agent_api.mail import SendReply
from harness.wire.errors import HiveError
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow

POISON = "poison"
BUDGET = 3


class Fragile(Actor):
    """A component with a bug."""

    def handle(self, message):
        if message == POISON:
            raise ValueError("nobody thought of this")
        return message


class FragileHive(AgentHive):
    """With the component `fragile` below a supervisor of a small budget. A body `WAY poison` reaches it that WAY."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        flags = SupervisorFlags(intensity=BUDGET, period=60.0)
        specs = [ChildSpec("fragile", Fragile), ChildSpec("brittle", Fragile)]
        self.boot("parts", Supervisor(flags, specs, directory=self.directory, clock=self.clock))

    def fragile_answers(self):
        return self.directory.ask("parts/fragile", "are you there?") == "are you there?"


@pytest.fixture
def hive(monkeypatch):
    def send(context, request, connection):
        way, _, body = request.body.partition(" ")
        if body == POISON:
            match way:
                case "ask":
                    context.directory.ask("parts/fragile", POISON)
                case "twice":
                    context.directory.tell("parts/fragile", POISON)
                    context.directory.tell("parts/brittle", POISON)
                case "tell":
                    context.directory.tell("parts/fragile", POISON)
                case "function":
                    raise ValueError("nobody thought of this either")
            return SendReply(id=1)
        return mail.send(context, request, connection)

    others = [one for one in routes.ROUTES if one.verb is not wire.SEND]
    monkeypatch.setattr("actors.agent.socket.listener.ROUTES", (*others, route(wire.SEND, send)))
    hive = FragileHive()
    for name in ("mallory", "alice"):
        api.spawn(hive.directory, name)
    yield hive
    hive.remove()


def poison(hive, way="ask", name="mallory"):
    with hive.client(name) as client:
        reply = client.ask("send", to="manager", body=f"{way} {POISON}")
    settle()
    hive.directory.ask(ADMISSION, "are you done?")
    return reply


def suspended(hive):
    return [row.name for row in admission.suspensions(hive.directory)]


@pytest.mark.parametrize("way", ["ask", "tell", "function"])
def test_the_second_crash_within_a_minute_suspends_whoever_caused_it(hive, way):
    poison(hive, way)
    assert suspended(hive) == []
    poison(hive, way)
    assert suspended(hive) == ["mallory"]
    refusal = poison(hive, way)
    assert refusal["code"] == "unavailable"
    assert "mallory is suspended" in refusal["error"]
    assert "hive suspensions" in refusal["hint"]
    assert hive.row("mallory").suspended
    assert hive.row("alice").suspended is None


@pytest.mark.parametrize("verb", ["whoami", "recv", "status", "ack_turn", "control"])
def test_every_verb_of_a_suspended_agent_is_refused(hive, verb):
    poison(hive)
    poison(hive)
    of_harness = verb in {"ack_turn", "control"}
    with hive.harness("mallory") if of_harness else hive.client("mallory") as mallory:
        assert mallory.ask(verb)["code"] == "unavailable"


def test_a_poll_that_is_open_ends_with_the_suspension(hive):
    with hive.client("mallory") as waiting:
        waiting.send("recv", wait_seconds=60)
        poison(hive)
        poison(hive)
        assert waiting.reply()["messages"] == []
        assert waiting.ask("recv", wait_seconds=60)["code"] == "unavailable"


def test_crashes_further_apart_than_a_minute_suspend_nobody(hive):
    for _ in range(5):
        poison(hive)
        hive.clock.advance(61)
    assert suspended(hive) == []


def test_after_fifty_attempts_the_hive_and_the_others_are_as_before(hive):
    with hive.client("alice") as alice:
        for _ in range(50):
            poison(hive)
            assert alice.ask("send", to="manager", body="all is well")["ok"]
            assert alice.ask("whoami")["ok"]
    assert hive.fragile_answers()
    assert {child.state.value for child in which_children(hive.directory, AGENTS)} == {"up"}
    assert suspended(hive) == ["mallory"]
    # The whole budget is there for crashes of our own.
    for _ in range(BUDGET):
        hive.directory.tell("parts/fragile", POISON)
        settle()
    assert hive.fragile_answers()


def test_the_requests_are_kept_for_the_operator_cut_and_few(hive):
    poison(hive, "ask")
    poison(hive, "tell")
    kept = admission.kept_requests(hive.directory, "mallory")
    assert [(one.cmd, one.actor) for one in kept] == [("send", "parts/fragile")] * 2
    assert '"body": "tell poison"' in kept[0].request
    assert "nobody thought of this" in kept[0].reason
    for _ in range(10):
        admission.lift(hive.directory, "mallory")
        poison(hive)
        poison(hive)
    assert len(admission.kept_requests(hive.directory, "mallory")) == 5


def test_the_suspension_outlives_the_daemon_and_its_owner(hive):
    poison(hive)
    poison(hive)
    hive.directory.stop(ADMISSION)
    assert poison_refused(hive)
    hive.names.remove(ADMISSION)
    hive.close()
    again = FragileHive(runtime=hive.runtime, folder=hive.place)
    hive.directory, hive.names = again.directory, again.names  # what the fixture removes
    until(lambda: again.row("mallory").running, "mallory is adopted")
    assert suspended(again) == ["mallory"]
    with again.client("mallory") as mallory:
        assert mallory.ask("whoami")["code"] == "unavailable"


def poison_refused(hive):
    with hive.client("mallory") as mallory:
        return mallory.ask("whoami")["code"] == "unavailable"


def test_the_operator_lifts_it_and_the_count_begins_again(hive):
    poison(hive)
    poison(hive)
    admission.lift(hive.directory, "mallory")
    with hive.client("mallory") as mallory:
        assert mallory.ask("whoami")["ok"]
    poison(hive)
    assert suspended(hive) == []
    with pytest.raises(HiveError, match="there is no suspension of mallory"):
        admission.lift(hive.directory, "mallory")


def test_a_request_over_which_two_actors_crash_counts_once(hive):
    poison(hive, "twice")
    assert suspended(hive) == []
    assert len(admission.kept_requests(hive.directory, "mallory")) == 2
    poison(hive, "twice")
    assert suspended(hive) == ["mallory"]


def test_the_operator_is_told_at_once(hive):
    poison(hive)
    poison(hive)
    assert hive.emitted("suspension") == [{"name": "mallory"}]
    assert [notice["agent"] for notice in hive.emitted("notice") if notice["level"] == "error"] == ["mallory"]


def test_a_suspension_that_cannot_be_written_yet_holds_and_is_written_later(hive):
    hive.stop("store")
    poison(hive)
    poison(hive)
    assert poison_refused(hive)
    hive.boot("store", StoreActor(paths={kind: hive.folder / f"{kind}.sqlite" for kind in Database}))
    hive.clock.advance(2)
    until(lambda: suspended(hive) == ["mallory"], "it is written", SECONDS)


class Sender:
    """The origin of what one client sends to the broker."""

    def __init__(self, name, crashes):
        self.name, self.crashes = name, crashes

    def crashed(self, actor, reason, *, machine):
        self.crashes.append((self.name, actor))


def test_the_broker_finds_out_which_of_many_requests_breaks_the_commit(monkeypatch):
    """A body that no database takes, in one commit with the mail of others."""

    def unit_with_bug(plan):
        if any(message.body == POISON for message in plan.messages):
            return lambda _connection: int(POISON)
        return unit_of(plan)

    monkeypatch.setattr("actors.broker.actor.unit_of", unit_with_bug)
    hive = AgentHive()
    try:
        for name in ("mallory", "alice"):
            api.spawn(hive.directory, name)
        hive.stop("broker")
        flags = SupervisorFlags(intensity=0)
        broker = ChildSpec("broker", lambda: BrokerActor(directory=hive.directory, clock=hive.clock))
        hive.directory.root = "top"
        hive.boot("top", Supervisor(flags, [broker], directory=hive.directory, clock=hive.clock))
        until(lambda: hive.directory.actor("broker").state_word() == "running", "it is loaded")
        crashes = []

        def send(name, body):
            with acting_for(Sender(name, crashes)):
                return hive.directory.ask_later("broker", Send(name, "manager", body))

        def burst():
            replies = [send("alice", "fine"), send("mallory", POISON), send("alice", "fine too")]
            for one in replies:
                one.wait(SECONDS)
            return [one.error is None for one in replies]

        assert burst() == [False, False, False]
        assert crashes == []
        until(lambda: hive.directory.actor("broker").state_word() == "running", "it is loaded again")
        burst()
        assert crashes == [("mallory", "broker")]
        until(lambda: hive.directory.whereis("broker") is not None, "the broker is restarted")
    finally:
        hive.remove()
