"""A crash over a message from outside is known as such, however many actors lie between, and costs the tree nothing."""

import pytest

from actors.supervision import (
    ORIGIN,
    Actor,
    ActorCrashed,
    ChildSpec,
    Directory,
    Promise,
    Supervisor,
    SupervisorFlags,
    acting_for,
    settle,
)
from tests.actors.supervision.parts import Worker

BOOM = ValueError("boom")


class Client:
    """An origin that notes what came of its messages."""

    def __init__(self, name):
        self.name = name
        self.crashes = []

    def crashed(self, actor, reason, *, machine):
        self.crashes.append((actor, reason))


class Relay(Actor):
    """Passes messages on in every way there is."""

    def __init__(self, directory):
        super().__init__()
        self.directory = directory
        self.result = Promise()

    def handle(self, message):
        match message:
            case ("ask", inner):
                return self.directory.ask("worker", inner)
            case ("ask later", inner):
                return self.directory.ask_later("worker", inner)
            case ("tell", inner):
                self.directory.tell("worker", inner)
            case ("to itself", inner):
                self.tell_self(("tell", inner))
            case ("when it is done", inner):
                self.result.then(lambda _done: self.directory.tell("worker", inner))
            case ("soon", inner):
                self.tell_after(0, ("tell", inner))
            case "done":
                self.result.set(None)
            case "origin":
                return ORIGIN.get()
        return None


@pytest.fixture
def directory():
    directory = Directory()
    specs = [ChildSpec("worker", Worker), ChildSpec("relay", lambda: Relay(directory))]
    flags = SupervisorFlags(intensity=2, period=60.0)
    directory.boot(Supervisor(flags, specs, directory=directory))
    yield directory
    if directory.whereis("hive") is not None:
        directory.stop("hive")


@pytest.mark.parametrize("way", ["ask", "ask later", "tell", "to itself"])
def test_a_crash_is_attributed_across_actors_whichever_way_the_message_went(directory, way):
    mallory = Client("mallory")
    with acting_for(mallory):
        if way.startswith("ask"):
            with pytest.raises(ActorCrashed):
                directory.ask("relay", (way, BOOM))
        else:
            directory.tell("relay", (way, BOOM))
    settle()
    assert ("worker", "error (ValueError: boom)") in mallory.crashes


def test_a_callback_runs_for_the_client_that_waited_and_not_for_the_one_whose_message_resolved_the_promise(directory):
    mallory, alice = Client("mallory"), Client("alice")
    with acting_for(mallory):
        directory.tell("relay", ("when it is done", BOOM))
    with acting_for(alice):
        directory.ask("relay", "done")
        settle()
    assert [actor for actor, _ in mallory.crashes] == ["worker"]
    assert alice.crashes == []


def test_an_actor_works_for_nobody_when_the_next_message_comes_from_nobody(directory):
    mallory = Client("mallory")
    with acting_for(mallory):
        assert directory.ask("relay", "origin") is mallory
    assert directory.ask("relay", "origin") is None
    directory.tell("worker", BOOM)
    settle()
    assert mallory.crashes == []


def test_a_tick_is_caused_by_nobody_for_it_may_be_due_for_somebody_else(directory):
    mallory = Client("mallory")
    with acting_for(mallory):
        directory.tell("relay", ("soon", BOOM))
    settle()
    directory.ask("worker", "name")
    assert mallory.crashes == []


def test_crashes_over_messages_from_outside_use_up_no_budget(directory, caplog):
    mallory = Client("mallory")
    with acting_for(mallory):
        for _ in range(50):
            directory.tell("worker", BOOM)
            settle()
    assert len(mallory.crashes) == 50
    assert directory.ask("worker", "name") == "worker"
    assert "caused_by=mallory" in caplog.text
    for _ in range(2):  # the whole budget is still there
        directory.tell("worker", BOOM)
        settle()
    assert directory.ask("worker", "name") == "worker"
    directory.tell("worker", BOOM)
    settle()
    assert directory.whereis("hive") is None


def test_the_restart_after_such_a_crash_is_caused_by_nobody(directory):
    """Otherwise a start that fails would be tried for ever, without a budget."""
    starts, mallory = [], Client("mallory")

    def start():
        starts.append(ORIGIN.get())
        if len(starts) > 1:
            raise RuntimeError("does not start again")
        return Worker()

    own = Directory()
    own.boot(Supervisor(SupervisorFlags(intensity=3), [ChildSpec("worker", start)], directory=own))
    with acting_for(mallory):
        own.tell("worker", BOOM)
    settle()
    assert own.whereis("hive") is None
    assert starts == [None] * 5
    assert len(mallory.crashes) == 1


def test_an_origin_that_fails_itself_changes_nothing(directory, caplog):
    class Broken(Client):
        def crashed(self, actor, reason, *, machine):
            raise RuntimeError("no")

    with acting_for(Broken("mallory")):
        directory.tell("worker", BOOM)
    settle()
    assert directory.ask("worker", "name") == "worker"
    assert "took no notice" in caplog.text


def test_a_restart_that_a_person_asked_for_is_no_crash(directory):
    for _ in range(10):
        directory.actor("worker").kill("restarted by the operator", requested=True)
        settle()
        assert directory.ask("worker", "name") == "worker"
