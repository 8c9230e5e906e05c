"""A row of any table that cannot be read: the daemon starts, the lists show it, and every other row works."""

import contextlib
import sqlite3

import pytest

from actors.agent.registry import api as agents
from actors.quarantine import walk
from actors.quarantine.actor import FRESH_SECONDS, QuarantineActor
from actors.quarantine.messages import GetQuarantine, Look, NextSlice
from actors.quarantine.tables import BY_NAME
from actors.store.messages import Database
from actors.supervision import Directory, FakeClock
from tests.actors.quarantine import damage
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow  # the hive that they share takes two seconds

WITNESS = 7
"""The number of the good row that every table has beside the damaged ones."""
AGENT_LISTS = ("turns", "live_history")


class DamagedHive(WholeHive):
    """Its second start finds every kind of damage in every column of every table."""

    def __init__(self):
        super().__init__()
        self.settle_in(["alice"])
        self.close()
        self.made = []
        for database in Database:
            path = self.config.state_dir / "db" / f"{database.value}.sqlite"
            damage.remember(path)
            with contextlib.closing(sqlite3.connect(path)) as connection:
                for table in BY_NAME:
                    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
                        damage.insert(connection, table, damage.row(table, WITNESS))
                if database is Database.HIVE:  # the witness is a dead letter, and another message waits
                    damage.insert(connection, "messages", damage.row("messages", WITNESS + 1))
                    connection.execute("UPDATE messages SET acked_at = sent_at WHERE id = ?", (WITNESS,))
                connection.commit()
            self.made += damage.damage_all(path)
        self.open()
        until(lambda: self.ask("quarantine")["rows"], "the tables are looked through")

    def ask(self, cmd, **arguments):
        with self.host() as operator:
            return operator.ask(cmd, **arguments)


@pytest.fixture(scope="module")
def hive():
    hive = DamagedHive()
    yield hive
    hive.remove()


@pytest.mark.parametrize("table", sorted(BY_NAME))
def test_every_damaged_row_of_a_table_is_quarantined_and_no_good_one(hive, table):
    rows = {row["key"]: row for row in hive.ask("quarantine")["rows"] if row["table"] == table}
    made = [one for one in hive.made if one[0] == table]
    assert made
    for _, column, value, key in made:
        if key is not None:
            assert key in rows, (column, value)
            assert rows[key]["reason"].startswith(f"{column} is "), rows[key]
    assert len(rows) == len(made), set(rows) - {key for *_, key in made}
    assert all("deletes it" in row["way_out"] or table == "decisions" for row in rows.values())


LISTS = {
    "agents": ("agent_status", "agent_statuses", "state"),
    "peers": ("peers", "peers", "state"),
    "messages": ("messages", "messages", "body"),
    "failed_messages": ("dead_letters", "dead_letters", "reason"),
    "questions": ("questions", "questions", "question"),
    "reminders": ("reminders", "reminders", "last_error"),
    "approvals": ("pending", "approvals", "note"),
    "decisions": ("decisions", "decisions", "note"),
    "suspensions": ("suspensions", "suspensions", "reason"),
    "kept_requests": ("kept_requests", "requests", "reason"),
    "sessions": ("sessions", "sessions", "user_agent"),
    "turns": ("turns", "turns", "error"),
    "events": ("live_history", "rows", "event"),
}
"""By table: the verb that lists it, the key of its rows, and the field in which an error row says why."""


@pytest.mark.parametrize("table", sorted(LISTS))
def test_every_list_of_the_operator_shows_the_error_rows_and_the_good_ones(hive, table):
    cmd, key, field = LISTS[table]
    arguments = {"kept_requests": {"name": "alice"}, "messages": {"limit": 500}, "dead_letters": {"limit": 500}}
    given = {"agent": "alice", "limit": 500} if cmd in AGENT_LISTS else arguments.get(cmd, {})
    reply = hive.ask(cmd, **given)
    assert reply["ok"], reply
    told = [row for row in reply[key] if "unreadable" in str(row[field]) or "cannot be read" in str(row[field])]
    assert told
    assert all("quarantine drop" in str(row) or table == "decisions" for row in told)
    assert len(reply[key]) > len(told)
    names = [str(row.get("name", row.get("id"))) for row in reply[key] if row not in told]
    assert {"alice", str(WITNESS), f"{table[0]}-{WITNESS}"} & set(names), names


@pytest.mark.parametrize("cmd", ["list", "inbox", "drafts", "tombstones", "actors", "about", "secrets", "urls"])
def test_the_other_lists_answer_too(hive, cmd):
    assert hive.ask(cmd)["ok"]


def test_the_agent_with_a_good_row_runs_and_gets_its_mail_asks_and_is_answered(hive):
    until(lambda: agents.row(hive.directory, "alice").running, "alice runs")
    with hive.agent("alice") as alice, hive.harness("alice") as harness:
        sent = hive.ask("send", to="alice", body="are you there?")
        assert sent["ok"], sent
        assert hive.ask("retry_dead_letter", id=WITNESS)["ok"]
        got = {one["id"] for one in harness.ask("recv", max=32)["messages"]}
        assert {WITNESS, WITNESS + 1} <= got
        asked = alice.ask("ask", question="may I?")
        assert asked["ok"], asked
        assert hive.ask("answer_question", id=asked["id"], answer="yes")["ok"]
        assert alice.ask("remind", message="look", delay_seconds=5)["ok"]
    assert hive.ask("answer_question", id=WITNESS, answer="because")["ok"]


def test_what_cannot_be_read_is_never_taken_for_permission(hive):
    quarantined = {(row["table"], row["key"]) for row in hive.ask("quarantine")["rows"]}
    suspended = {row["name"] for row in hive.ask("suspensions")["suspensions"]}
    assert {key for table, key in quarantined if table == "suspensions"} <= suspended
    name = next(key for table, key in quarantined if table == "agents" and key.startswith("a-"))
    refused = hive.ask("spawn", name=name)
    assert not refused["ok"]
    assert "cannot be read" in refused["error"]


def test_a_look_in_slices_finds_the_same(hive, monkeypatch):
    expected = sorted((row["table"], row["key"]) for row in hive.ask("quarantine")["rows"])
    monkeypatch.setattr(walk, "SLICE_ROWS", 7)
    slices = list(walk.walk(hive.directory))
    assert sorted((row.table, row.key) for one in slices for row in one) == expected
    assert len(slices) > len(BY_NAME) + 10


def test_a_row_that_is_damaged_while_the_daemon_runs_is_in_the_next_list_that_looks(hive):
    path = hive.config.state_dir / "db" / "hive.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        damage.insert(connection, "questions", damage.row("questions", WITNESS + 2) | {"status": "strange"})
        connection.commit()
    rows = hive.ask("quarantine", look=True)["rows"]
    assert any(row["table"] == "questions" and "'strange'" in row["reason"] for row in rows)


def test_a_list_that_is_old_is_renewed_by_being_asked_for():
    clock = FakeClock()
    looks = []
    one = QuarantineActor(folders=(), directory=Directory(), clock=clock)
    one.tell_self = looks.append
    one.handle(GetQuarantine())
    assert looks == []  # the look of its start is still to come
    one.handle(Look())
    one._slices = None  # that look is over
    one.handle(GetQuarantine())
    assert looks == [NextSlice()]
    clock.advance(FRESH_SECONDS)
    one.handle(GetQuarantine())
    one.handle(GetQuarantine())  # one look at a time
    assert looks == [NextSlice(), NextSlice()]


def test_verify_names_the_rows(hive):
    (promise,) = [one for one in hive.ask("verify")["promises"] if one["name"] == "rows"]
    assert promise["held"] is False
    assert "cannot be read" in promise["detail"]


def test_a_row_is_deleted_by_the_operator_alone_and_only_while_it_cannot_be_read(hive):
    rows = [row for row in hive.ask("quarantine")["rows"] if row["table"] == "peers"]
    assert hive.ask("drop_quarantined", table="peers", key=rows[0]["key"])["ok"]
    left = [row for row in hive.ask("quarantine")["rows"] if row["table"] == "peers"]
    assert left == rows[1:]
    for table, key in (("peers", f"p-{WITNESS}"), ("decisions", "1"), ("sqlite_schema", "1")):
        assert not hive.ask("drop_quarantined", table=table, key=key)["ok"]


class WithoutManager(WholeHive):
    """The rows that the hive cannot do without are the damaged ones."""

    leader = "manager"

    def __init__(self):
        super().__init__()
        self.settle_in(["alice"])
        peer = self.ask("add_peer", name="visitor", allowed_recipients=["operator"])
        assert peer["ok"], peer
        self.close()
        with damage.without_types(self.config.state_dir / "db" / "hive.sqlite") as connection:
            for table, column, name in (
                ("agents", "desired", "hm1nd"),
                ("addressees", "allowed_recipients", "visitor"),
                ("generations", "ended_at", "alice"),
            ):
                connection.execute(f"UPDATE {table} SET {column} = 'damaged' WHERE name = ?", (name,))
        self.leader = "alice"
        self.open()

    def ask(self, cmd, **arguments):
        with self.host() as operator:
            return operator.ask(cmd, **arguments)

    def rows(self):
        return {row["name"]: row for row in self.ask("agent_status")["agent_statuses"]}

    def wait(self):
        until(lambda: agents.row(self.directory, self.leader).running, f"{self.leader} runs")


def test_without_the_managers_row_the_others_work_and_its_deletion_makes_a_new_one():
    hive = WithoutManager()
    try:
        rows = hive.rows()
        assert rows["manager"]["state"] == "unreadable"
        assert "`hive quarantine drop agents hm1nd` deletes it" in rows["manager"]["note"]
        assert not hive.ask("start", scope={"agent_names": ["manager"]})["ok"]
        # Whom the peer may write to is not known: it is not let in to write to everybody.
        assert rows["visitor"]["failed"]
        assert "cannot be read" in rows["visitor"]["note"]
        # Which mail is alice's own is not known: none of the old is shown.
        with hive.agent("alice") as alice:
            assert alice.ask("recent", limit=10)["messages"] == []
        assert hive.ask("drop_quarantined", table="agents", key="hm1nd")["ok"]
        until(lambda: hive.rows()["manager"]["running"], "there is a manager again")
    finally:
        hive.remove()
