"""The rows of all agents: an event has one of them read again, and never loses another event."""

import pytest

from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow


def asked(fake):
    return [one for one in fake.asked if one["cmd"] == "agent_status"]


def row(app, name):
    return next(one for one in app.rows.agents().value if one.name == name)


@pytest.fixture
def many(fake):
    fake.agents |= {f"a{n:03}": AgentRow(name=f"a{n:03}") for n in range(200)}


@pytest.mark.usefixtures("many")
def test_an_event_of_one_agent_has_its_row_alone_read_again(app, fake, listener):
    assert len(app.rows.agents().value) == 206
    fake.asked.clear()
    fake.set_agent("a007", state="thinking")
    fake.say("alice", "a008", "hello")
    listener.until(lambda: len(listener.seqs) == 2)
    assert row(app, "a007").state == "thinking"
    assert [one["agents"] for one in asked(fake)] == [["a007", "a008"]]
    assert [one.name for one in app.rows.agents().value][:3] == ["manager", "a000", "a001"]


def test_mail_to_the_operator_has_no_row_read_again(app, fake, listener):
    app.rows.agents()
    fake.asked.clear()
    fake.say("alice", "operator", "hello")
    listener.until(lambda: listener.seqs)
    app.rows.agents()
    assert asked(fake) == []


def test_new_agents_appear_and_destroyed_ones_disappear(app, fake, listener):
    app.rows.agents()
    fake.set_agent("zoe", state="idle")
    del fake.agents["alice"]
    fake.emit("agent_removed", {"name": "alice"})
    listener.until(lambda: len(listener.seqs) == 2)
    names = [one.name for one in app.rows.agents().value]
    assert "zoe" in names
    assert "alice" not in names


@pytest.mark.usefixtures("many")
def test_rows_that_do_not_fit_into_one_reply_are_asked_for(app, fake, listener, monkeypatch):
    monkeypatch.setattr("harness.wire.boundary.listing.LIST_BYTES", 40_000)
    rows = app.rows.agents()
    assert rows.omitted == 0
    assert {one.name for one in rows.value} == set(fake.agents)
    assert [one.get("skip", 0) for one in asked(fake)][:1] == [0]
    assert len(asked(fake)) > 1


def test_a_read_that_fails_does_not_forget_what_was_outdated(app, fake, listener):
    app.rows.agents()
    fake.set_agent("alice", state="thinking")
    listener.until(lambda: listener.seqs)
    fake.refuse["agent_status"] = HiveError("timeout", "the registry is busy")
    assert app.rows.agents().stale
    fake.refuse.clear()
    assert row(app, "alice").state == "thinking"


def test_an_event_that_comes_during_the_read_makes_its_row_outdated_again(app, fake, listener, monkeypatch):
    app.rows.agents()
    fake.set_agent("alice", state="thinking")
    listener.until(lambda: listener.seqs)
    ask = app.rows._daemon.ask

    def overtaken(*arguments, **more):
        reply = ask(*arguments, **more)
        fake.set_agent("alice", state="compacting")
        listener.until(lambda: len(listener.seqs) == 2)
        monkeypatch.undo()
        return reply

    monkeypatch.setattr(app.rows._daemon, "ask", overtaken, raising=False)
    app.rows.agents()
    assert row(app, "alice").state == "compacting"


def test_an_event_without_an_agent_has_all_rows_read_again(app, fake, listener):
    app.rows.agents()
    fake.asked.clear()
    fake.emit("quarantine", {"rows": 1})
    listener.until(lambda: listener.seqs)
    app.rows.agents()
    assert [one.get("agents") for one in asked(fake)] == [None]
