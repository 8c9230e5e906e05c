"""The whole tree: every actor is repaired by its supervisor, and what was acknowledged outlives all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from actors import supervision
from actors.agent.registry import api as agents
from actors.supervision import ExitKind
from actors.tree import children
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until


@pytest.fixture
def hive():
    hive = WholeHive()
    yield hive
    hive.remove()


def killed(hive, name, how):
    """End a actor and wait until its supervisor has another one running under its name."""
    first = hive.directory.actor(name)
    how(first)
    assert first.ended.wait(SECONDS)

    def back():
        actor = hive.directory.actor(name)
        return actor is not None and actor is not first and actor.started.done

    until(back)
    return hive.node(name)


class Poison:
    """A message no actor expects, with a bug in it."""

    @property
    def __match_args__(self):
        raise RuntimeError("a bug")


ACTORS = [
    "service", "store", "broker", "questions", "scheduler", "telemetry", "crashwatch", "admission", "agents",
    "registry", "approvals",
    "approvals/queue", "peers", "peers/sockets", "peers/registry",
    "gateway", "gateway/stream", "gateway/host", "gateway/web", "agents/hm1nd/container", "agents/hm1nd/socket",
]  # fmt: skip


@pytest.mark.parametrize("name", ACTORS)
def test_a_actor_that_is_killed_comes_back_and_the_tree_tells_why(hive, name):
    before = hive.node(name)["restarts"]
    node = killed(hive, name, lambda actor: actor.kill("by the test"))
    assert node["restarts"] == before + 1
    assert "killed" in node["last_error"]
    with hive.host() as client:
        assert client.ask("list")["agents"] == ["manager"]
        # A actor that leans on this one may need a moment; it says `unavailable` and means it.
        until(lambda: client.ask("send", to="manager", body=f"after {name}")["ok"])
    with hive.agent("hm1nd") as manager:
        bodies = [one["body"] for one in manager.ask("recv", max=32)["messages"]]
    assert bodies[-1] == f"after {name}"


def test_restarts_that_the_operator_asks_for_never_make_the_hive_give_up(hive):
    with hive.host() as client:
        for _ in range(15):
            killed(hive, "scheduler", lambda _actor: client.ask("restart_actor", path="scheduler"))
        assert client.ask("list")["agents"] == ["manager"]
    assert hive.node("scheduler")["restarts"] == 15


@pytest.mark.parametrize("name", ["broker", "telemetry", "crashwatch", "registry", "agents/hm1nd/container"])
def test_a_actor_with_a_bug_ends_and_is_repaired_while_the_others_go_on(hive, name):
    others = {one: hive.node(one)["restarts"] for one in ACTORS if one != name and not one.startswith("agents/")}
    actor = hive.directory.actor(name)

    def handle(_message):
        raise RuntimeError("a bug")

    def meet_the_bug(actor):
        actor.handle = handle
        actor.tell("anything")

    node = killed(hive, name, meet_the_bug)
    assert actor.ended.get().kind is ExitKind.ERROR
    assert "a bug" in node["last_error"]
    assert {one: hive.node(one)["restarts"] for one in others} == others


@pytest.mark.slow
def test_a_container_that_dies_is_started_again_and_the_manager_hears_of_it(hive):
    agents.spawn(hive.directory, "alice")
    killed(hive, "agents/alice/container", lambda _actor: hive.runtime.end("alice", 137))
    assert hive.node("agents/alice/container")["restarts"] == 1
    assert len([launch for launch in hive.runtime.launches if launch.paths.name == "alice"]) == 2
    with hive.agent("hm1nd") as manager:
        crash = next(one for one in _mail(manager) if one["kind"] == "event" and "container_crash" in one["body"])
    assert crash["from"] == "system"
    assert '"agent":"alice"' in crash["body"]
    assert '"exit_status":137' in crash["body"]
    assert "last words" in crash["body"]


def _mail(client):
    while True:
        reply = client.ask("recv", wait_seconds=5, max=32)
        assert reply["messages"], "no more mail"
        yield from reply["messages"]


def test_an_end_that_was_asked_for_is_no_crash(hive):
    agents.spawn(hive.directory, "alice")
    agents.restart(hive.directory, "alice")
    agents.stop(hive.directory, "alice")
    agents.destroy(hive.directory, "alice")
    with hive.agent("hm1nd") as manager:
        assert [one for one in manager.ask("recv", max=32)["messages"] if "crash" in one["body"]] == []


def test_what_was_acknowledged_and_what_was_leased_outlive_the_daemon(hive):
    with hive.agent("hm1nd") as manager, hive.host() as client:
        for n in range(3):
            assert client.ask("send", to="manager", body=str(n))["ok"]
        assert [one["body"] for one in manager.ask("recv", max=1)["messages"]] == ["0"]
    hive.close()
    hive.open()
    with hive.harness("hm1nd") as manager:
        assert [one["body"] for one in manager.ask("recv", max=32)["messages"]] == ["1", "2"]
        assert manager.ask("ack_turn")["acked"] == 3


@pytest.mark.slow
def test_a_restart_of_the_daemon_leaves_containers_running_and_makes_up_no_crash(hive):
    agents.spawn(hive.directory, "alice")
    launched = len(hive.runtime.launches)
    hive.close()
    assert set(hive.runtime.alive) == {"hm1nd", "alice"}
    hive.open()
    assert agents.row(hive.directory, "alice").running
    assert len(hive.runtime.launches) == launched
    with hive.agent("hm1nd") as manager:
        assert [one for one in manager.ask("recv", max=32)["messages"] if "crash" in one["body"]] == []


def test_the_documents_show_the_tree_as_it_is(hive):
    text = (Path(__file__).parents[2] / "docs/architecture.md").read_text()
    drawn = text.split("<!-- tree -->")[1].split("<!-- /tree -->")[0]
    actors = [line.split()[1] for line in drawn.splitlines() if line.startswith(("├", "└"))]
    app = replace(hive.app, config=replace(hive.app.config, claude_api_key_file=Path("key")))
    specs = children(app)  # without web and, as the containers are no real ones, without proxy
    ids = [spec.id for spec in specs]
    before_agents = ids.index("agents")
    assert actors == [*ids[:before_agents], "proxy", *ids[before_agents:], "web"]
    restarts = [line.split()[2] for line in drawn.splitlines() if line.startswith(("├", "└"))]
    words = [spec.restart.value for spec in specs]
    assert restarts == [*words[:before_agents], "permanent", *words[before_agents:], "permanent"]


def test_children_start_from_top_to_bottom_and_stop_from_bottom_to_top(hive):
    order = [child.id for child in supervision.which_children(hive.directory, "hive")]
    assert order == [spec.id for spec in children(hive.app)]
