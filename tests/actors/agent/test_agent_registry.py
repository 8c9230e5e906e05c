"""What the operator wants of agents is on disk, carried out, and seen."""

import pytest

from actors.agent.addresses import REGISTRY
from actors.agent.registry import api
from actors.broker import api as broker
from actors.supervision import settle
from harness.wire.errors import ErrorCode, HiveError, unavailable
from tests.actors.agent.hive_parts import AgentHive, FakeRuntime
from tests.waiting import SECONDS

BAD_NAMES = ["", "..", "a/b", "-x", "x-", "A", "x" * 300, "*", "a b", "a\0"]


@pytest.fixture
def hive():
    hive = AgentHive()
    yield hive
    hive.remove()


def refusal(call, *arguments, **more):
    with pytest.raises(HiveError) as refused:
        call(*arguments, **more)
    return refused.value.code


def test_the_manager_is_there_and_runs_after_the_first_start(hive):
    row = hive.row("manager")
    assert (row.name, row.container, row.role, row.running) == ("manager", "hm1nd", "manager", True)
    assert api.names(hive.directory) == ["manager"]


def test_a_spawned_agent_runs_with_the_template_in_force_and_can_be_written_to(hive):
    api.spawn(hive.directory, "alice")
    assert hive.row("alice").running
    assert "agent.toml" not in hive.workspace.of("alice").applied_config.read_text().splitlines()[0]
    broker.send(hive.directory, sender="operator", to="alice", body="hello")
    assert [message.body for message in hive.mail("alice")] == ["hello"]


def test_a_spawned_agent_finds_what_was_staged_for_it(hive):
    staged = hive.workspace.of("alice").staged
    hive.workspace.stage("alice")
    (staged / "notes.md").write_text("you look after the tests")
    api.spawn(hive.directory, "alice")
    assert (hive.workspace.of("alice").state / "notes.md").read_text() == "you look after the tests"
    assert not staged.exists()


@pytest.mark.slow
def test_names_come_manager_first(hive):
    for name in ("zoe", "alice"):
        api.spawn(hive.directory, name)
    assert api.names(hive.directory) == ["manager", "alice", "zoe"]


def test_a_bad_or_reserved_name_can_not_be_spawned(hive):
    for name in (*BAD_NAMES, "operator", "manager", "hm1nd", "system", "self"):
        assert refusal(api.spawn, hive.directory, name) is ErrorCode.BAD_REQUEST
    assert api.names(hive.directory) == ["manager"]


def test_a_bad_name_is_refused_everywhere_and_one_that_nobody_has_is_not_found(hive):
    verbs = [api.start, api.stop, api.kill, api.restart, api.kick, api.destroy, api.row, api.journal, api.paths]
    for verb in verbs:
        for name in BAD_NAMES:
            assert refusal(verb, hive.directory, name) is ErrorCode.BAD_REQUEST
        assert refusal(verb, hive.directory, "nobody") is ErrorCode.NOT_FOUND
    assert refusal(api.set_paused, hive.directory, "nobody", paused=True) is ErrorCode.NOT_FOUND
    assert refusal(api.control, hive.directory, "nobody", "cancel") is ErrorCode.NOT_FOUND


def test_a_name_is_given_once(hive):
    api.spawn(hive.directory, "alice")
    assert refusal(api.spawn, hive.directory, "alice") is ErrorCode.CONFLICT


def test_stop_ends_the_container_and_it_stays_down(hive):
    api.spawn(hive.directory, "alice")
    api.stop(hive.directory, "alice")
    row = hive.row("alice")
    assert (row.running, row.state, row.failed, row.transient) == (False, "stopped", False, None)
    hive.stop(REGISTRY)
    hive.boot_registry()
    assert hive.state("alice") == "stopped"
    assert "alice" not in hive.runtime.alive


def test_start_is_idempotent_and_a_started_agent_gets_one_kick(hive):
    api.spawn(hive.directory, "alice")
    api.start(hive.directory, "alice")
    assert hive.wakeups("alice") == []
    api.stop(hive.directory, "alice")
    assert hive.wakeups("alice") == []
    api.start(hive.directory, "alice")
    (kick,) = hive.wakeups("alice")
    assert (kick.from_, hive.row("alice").running) == ("system", True)


def test_restart_ends_the_old_container_first_and_kicks_once(hive):
    api.spawn(hive.directory, "alice")
    first = hive.runtime.alive["alice"]
    api.restart(hive.directory, "alice")
    assert hive.runtime.alive["alice"] != first
    assert hive.runtime.ended[first.id] == 0
    assert len(hive.wakeups("alice")) == 1


@pytest.mark.slow
def test_restart_takes_the_configuration_in_force(hive):
    api.spawn(hive.directory, "alice")
    hive.workspace.of("alice").applied_config.write_text('allowedRecipients = ["manager"]\n')
    api.spawn(hive.directory, "bob")
    api.restart(hive.directory, "alice")
    assert refusal(broker.send, hive.directory, sender="alice", to="bob", body="hi") is ErrorCode.FORBIDDEN


def test_a_configuration_that_is_off_leaves_the_agent_failed_with_the_reason(hive):
    api.spawn(hive.directory, "alice")
    hive.workspace.of("alice").applied_config.write_text("modle = 1")
    assert refusal(api.restart, hive.directory, "alice") is ErrorCode.BAD_REQUEST
    row = hive.row("alice")
    assert (row.failed, row.transient) == (True, None)
    assert "there is no key 'modle'" in row.note
    hive.workspace.of("alice").applied_config.write_text("")
    api.start(hive.directory, "alice")
    assert (hive.row("alice").running, hive.row("alice").note) == (True, None)


def test_an_agent_that_could_not_be_spawned_is_there_and_says_why(hive):
    hive.runtime.fails = unavailable("no sandbox today")
    assert refusal(api.spawn, hive.directory, "alice") is ErrorCode.UNAVAILABLE
    row = hive.row("alice")
    assert (row.failed, row.state) == (True, "failed")
    assert "no sandbox today" in row.note
    hive.runtime.fails = None
    api.start(hive.directory, "alice")
    assert hive.row("alice").running


def test_a_stop_that_is_not_obeyed_becomes_a_kill_at_the_deadline(hive):
    api.spawn(hive.directory, "alice")
    hive.runtime.obeys = False
    stopping = hive.directory.ask_later(REGISTRY, api.messages.Stop("alice"))
    api.snapshots(hive.directory)
    assert (hive.state("alice"), hive.row("alice").transient) == ("stopping", "stopping")
    hive.clock.advance(hive.context.stop_seconds)
    stopping.get(timeout=SECONDS)
    assert hive.runtime.killed == ["id2"]
    assert hive.state("alice") == "stopped"


def test_kill_does_not_ask(hive):
    api.spawn(hive.directory, "alice")
    api.kill(hive.directory, "alice")
    assert (hive.runtime.asked, hive.runtime.killed) == ([], ["id2"])


def test_a_pause_is_remembered_while_stopped_and_across_restarts(hive):
    api.spawn(hive.directory, "alice")
    api.stop(hive.directory, "alice")
    for _ in range(2):
        api.set_paused(hive.directory, "alice", paused=True)
    hive.stop(REGISTRY)
    hive.boot_registry()
    assert hive.row("alice").paused
    api.set_paused(hive.directory, "alice", paused=False)
    assert not hive.row("alice").paused


def test_destroy_forgets_the_agent_and_keeps_what_it_wrote(hive):
    api.spawn(hive.directory, "alice")
    notes = hive.workspace.of("alice").state / "notes.md"
    notes.write_text("kept")
    api.destroy(hive.directory, "alice")
    assert api.names(hive.directory) == ["manager"]
    assert "alice" not in hive.runtime.alive
    assert hive.directory.whereis("agents/alice") is None
    assert not hive.workspace.of("alice").run.exists()
    assert refusal(broker.send, hive.directory, sender="operator", to="alice", body="x") is ErrorCode.NOT_FOUND
    assert {"name": "alice"} in hive.emitted("agent_removed")
    api.spawn(hive.directory, "alice")
    assert notes.read_text() == "kept"


def test_a_purge_leaves_nothing(hive):
    api.spawn(hive.directory, "alice")
    paths = hive.workspace.of("alice")
    api.destroy(hive.directory, "alice", purge=True)
    assert not paths.root.exists()
    assert not paths.applied.exists()


def test_the_manager_can_not_be_destroyed(hive):
    for name in ("manager", "hm1nd"):
        assert refusal(api.destroy, hive.directory, name, purge=True) is ErrorCode.FORBIDDEN
    assert hive.row("manager").running


def test_every_change_is_told_to_the_operator_with_the_whole_row(hive):
    api.spawn(hive.directory, "alice")
    api.stop(hive.directory, "alice")
    hive.row("alice")
    told = [row for row in hive.emitted("agent") if row["name"] == "alice"]
    assert told[-1]["state"] == "stopped"
    assert (told[-1]["pending"], told[-1]["container"]) == (0, "alice")


def test_figures_of_a_room_that_is_away_are_null_not_zero(hive):
    hive.stop("telemetry")
    row = hive.row("manager")
    assert (row.turns_today, row.last_turn, row.pending) == (None, None, 0)
    hive.boot("telemetry", hive_telemetry(hive))


def hive_telemetry(hive):
    from actors.telemetry.actor import TelemetryActor

    return TelemetryActor(directory=hive.directory, clock=hive.clock)


def test_the_journal_is_the_end_of_the_containers_log(hive):
    hive.workspace.of("manager").log.write_text("one\ntwo\n")
    assert api.journal(hive.directory, "manager", 1) == ["two"]


def test_a_state_file_is_read_below_the_agents_state_only(hive):
    notes = hive.workspace.of("manager").state / "notes.md"
    notes.write_text("hello")
    notes.chmod(0o644)
    assert api.state_file(hive.directory, "manager", "notes.md") == "hello"
    assert refusal(api.state_file, hive.directory, "manager", "../harness/x") is ErrorCode.BAD_REQUEST


def test_a_roster_that_is_restarted_finds_its_agents_as_they_are(hive):
    api.spawn(hive.directory, "alice")
    starts = len(hive.runtime.launches)
    hive.stop(REGISTRY)
    hive.boot_registry()
    settle()
    assert hive.row("alice").running
    assert len(hive.runtime.launches) == starts


def test_an_unsandboxed_hive_says_so_to_the_operator():
    import dataclasses

    hive = AgentHive(FakeRuntime())
    try:
        hive.stop(REGISTRY)
        hive.context = dataclasses.replace(hive.context, warning="agents run UNSANDBOXED")
        hive.boot_registry()
        assert hive.emitted("notice") == [{"level": "warning", "text": "agents run UNSANDBOXED"}]
    finally:
        hive.remove()
