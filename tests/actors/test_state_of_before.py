"""The state directory of the version before opens: agents are adopted and every row shows.

`states/state-0.1.0.tar.xz` was made by that version, with agents in every desired and failed state, mail that waits and
mail in a turn, questions, a reminder, approvals, a draft, a peer and a turn. Its run directory is beside it.
"""

import tarfile
from pathlib import Path

import pytest

from actors.agent.container.state import AgentState
from actors.agent.registry import api as agents
from actors.agent.registry import table
from actors.store import api as store
from tests.actors.agent.hive_parts import Container
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

STATE = Path(__file__).parent / "states" / "state-0.1.0.tar.xz"
RUNNING = ("hm1nd", "alice", "bob", "frank")


class HiveOfBefore(WholeHive):
    """The daemon starts on the unpacked state, beside the containers that outlived its predecessor."""

    def open(self):
        with tarfile.open(STATE) as archive:
            archive.extractall(self.place, filter="data")
        for number, name in enumerate(RUNNING):
            self.runtime.alive[name] = Container(name, f"old{number}", "fake", 1000 + number, 1)
        super().open()


@pytest.fixture(scope="module")
def hive():
    hive = HiveOfBefore()
    yield hive
    hive.remove()


def rows(hive):
    return {row.container: row for row in agents.rows(hive.directory)}


def test_every_agent_has_its_row(hive):
    assert list(rows(hive)) == ["hm1nd", "alice", "bob", "carol", "dave", "erin", "frank"]


def test_running_agents_are_adopted_and_not_restarted(hive):
    until(lambda: all(rows(hive)[name].running for name in ("hm1nd", "alice", "bob")), "they are adopted")
    started = {launch.paths.name for launch in hive.runtime.launches}
    assert started.isdisjoint(RUNNING)
    assert rows(hive)["bob"].paused


def test_a_container_that_runs_though_it_is_not_desired_is_ended(hive):
    until(lambda: rows(hive)["frank"].state == "stopped", "frank is stopped")
    assert "frank" not in hive.runtime.alive


def test_a_parked_note_becomes_a_reason_and_a_time(hive):
    record = store.read(hive.directory, table.one_record("carol"))
    # The daemon has started anew, so the agent is tried again, and the failure is over when it runs.
    assert record.start_error is None
    until(lambda: rows(hive)["carol"].running, "carol is tried again")


def test_a_usage_limit_still_lasts(hive):
    row = rows(hive)["erin"]
    assert (row.state, row.rate_limited_until) == (AgentState.RATE_LIMITED.value, "2100-01-01T00:00:00.000Z")


@pytest.mark.parametrize(
    ("cmd", "key", "expected"),
    [
        ("questions", "questions", 2), ("reminders", "reminders", 1), ("pending", "approvals", 2),
        ("decisions", "decisions", 1), ("drafts", "rows", 3), ("peers", "peers", 1), ("turns", "turns", 1),
    ],
)  # fmt: skip
def test_every_row_of_every_list_shows(hive, cmd, key, expected):
    with hive.host() as operator:
        reply = operator.ask(cmd, **({"agent": "alice"} if cmd == "turns" else {}))
    assert reply["ok"], reply
    assert len(reply[key]) == expected, reply


def test_mail_is_still_there(hive):
    with hive.host() as operator:
        bodies = [one["body"] for one in operator.ask("messages", limit=500)["messages"]]
    assert {"please look at the tests", "and at the docs", "hello from bob"} <= set(bodies)


def test_what_was_promised_holds(hive):
    until(lambda: rows(hive)["dave"].running, "dave is tried again")
    with hive.host() as operator:
        until(lambda: all(one["held"] for one in operator.ask("verify")["promises"] if one["name"] != "wake"))
