"""All that is kept of an agent's turns is reached by pages, by time and by filter; nothing is shown twice."""

import json
import sqlite3

import pytest

from actors.store import api as store
from actors.store import opening
from actors.store.messages import Database
from actors.telemetry import actor as telemetry_actor
from actors.telemetry import api as telemetry
from actors.telemetry import turn_log
from harness.wire.framing import MAX_FRAME_BYTES, encode
from harness.wire.live.facets import Facet
from harness.wire.operator_api.watching import LogReply
from harness.wire.times import from_ms
from tests.actors.components import Components
from tests.actors.telemetry.test_telemetry import DAY, START, note, restart, start, turn
from tests.waiting import until


@pytest.fixture
def components(tmp_path):
    components = Components(tmp_path)
    start(components)
    yield components
    components.close()


def woken(sender="operator"):
    return {"kind": "turn_start", "from": sender, "body": "go", "unread": 0, "message_ids": []}


def said(*blocks):
    return {"kind": "stream", "message": {"type": "assistant", "message": {"content": list(blocks)}}}


def answered(*, failed=False):
    block = {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": failed}
    return {"kind": "stream", "message": {"type": "user", "message": {"content": [block]}}}


def call(name):
    return {"type": "tool_use", "id": "t", "name": name, "input": {}}


def ended(*, ok=True):
    return {"kind": "turn_end", "ok": ok, "outcome": "ok" if ok else "failed", "note": None}


def do_turn(components, *events, agent="alice", ok=True, **stats):
    """One turn as a harness reports it; a second passes at its start and at each event."""
    for event in (woken(), *events, ended(ok=ok)):
        components.clock.advance(1)
        telemetry.publish(components.directory, agent, [event])
    outcome = "ok" if ok else "failed"
    telemetry.turn_ended(components.directory, agent, turn(components.clock.now_ms(), outcome=outcome, **stats))


def log(components, **query):
    return telemetry.log(components.directory, agent="alice", **query)


def forget_events(components, monkeypatch):
    """A week passes for the events, and none for the turns."""
    monkeypatch.setattr(telemetry_actor, "KEEP_DAYS", {"events": 7, "turns": 90, "stats": 90})
    components.clock.advance(8 * DAY)
    restart(components)
    until(lambda: not log(components).rows, "the events are dropped")


def pages_back(components, limit, **query):
    found, before = [], None
    while True:
        page = log(components, limit=limit, before=before, **query)
        found.insert(0, page)
        if page.older is None:
            return found
        before = page.older


def pages_on(components, limit, after, **query):
    found = []
    while after is not None:
        found.append(log(components, limit=limit, after=after, **query))
        after = found[-1].newer
    return found


def ids(pages):
    return [row["id"] for page in pages for row in page.rows]


def turns(pages):
    return list(dict.fromkeys(one.id for page in pages for one in page.turns))


def test_a_turn_knows_its_events_also_when_the_daemon_restarted_in_between(components):
    telemetry.publish(components.directory, "alice", [note("before")])
    telemetry.publish(components.directory, "alice", [woken(), note("in it")])
    telemetry.publish(components.directory, "bob", [note("bob's")])
    restart(components)
    telemetry.publish(components.directory, "alice", [ended()])
    telemetry.turn_ended(components.directory, "alice", turn())
    telemetry.publish(components.directory, "alice", [note("after")])
    page = log(components)
    rows = {row["id"]: row["event"] for row in page.rows}
    (one,) = page.turns
    inside = [event for number, event in rows.items() if one.first_event <= number <= one.last_event]
    assert inside == [woken(), note("in it"), ended()]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_event_and_turn_is_on_one_page_in_both_directions(components, limit):
    for number in range(6):
        do_turn(components, *[note(f"{number}")] * number)
    whole = log(components, limit=1000)
    back, on = pages_back(components, limit), pages_on(components, limit, 0)
    assert ids(back) == ids(on) == ids([whole])
    assert turns(back) == turns(on) == turns([whole])
    assert len(whole.turns) == 6
    assert whole.older is None
    assert whole.newer is None


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_turns_whose_events_are_gone_are_reached_behind_those_that_have_events(components, monkeypatch, limit):
    for _ in range(5):
        do_turn(components, note("old"))
    forget_events(components, monkeypatch)
    for _ in range(3):
        do_turn(components, note("young"))
    back, on = pages_back(components, limit), pages_on(components, limit, 0)
    assert len(ids(back)) == 9
    assert ids(back) == ids(on)
    assert turns(back) == turns(on) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_turn_of_which_no_event_was_kept_has_a_place_of_its_own(components):
    telemetry.publish(components.directory, "alice", [note("one")])
    telemetry.turn_ended(components.directory, "alice", turn())
    telemetry.turn_ended(components.directory, "alice", turn())
    telemetry.publish(components.directory, "alice", [note("two")])
    page = log(components)
    first, second = page.turns
    assert page.rows[0]["id"] < first.first_event < second.first_event < page.rows[1]["id"]


def test_the_log_begins_at_a_moment(components, monkeypatch):
    for _ in range(4):
        do_turn(components)  # three seconds each
    forget_events(components, monkeypatch)
    young = components.clock.now_ms()
    for _ in range(4):
        do_turn(components, note("young"))
    whole = [row["at"] for page in pages_on(components, 100, 0) for row in page.rows]
    for offset in (0, 1, 2_000, 2_500, 7_000):
        page = log(components, limit=2, at_ms=young + offset)
        assert [row["at"] for row in page.rows] == [at for at in whole if at >= from_ms(young + offset)][:2]
        assert page.older is not None
    late = log(components, at_ms=components.clock.now_ms() + 1)
    assert (late.rows, late.turns) == ([], [])
    assert late.older is not None
    third = log(components, limit=1, at_ms=START + 5_000)
    assert [one.id for one in third.turns] == [3]
    assert log(components, at_ms=0).turns[0].id == 1


def test_a_filter_shows_what_has_the_facet_and_the_turns_around_it(components, monkeypatch):
    mail = call("mcp__hive__send")
    do_turn(components, note("quiet"))
    do_turn(components, said(call("Bash")), answered(failed=True), note("x"))
    do_turn(components, said(mail), answered(), ok=False)
    do_turn(components, {"kind": "sparkle"})
    kinds = {
        Facet.ERRORS: [answered(failed=True), ended(ok=False), {"kind": "sparkle"}],
        Facet.TOOLS: [said(call("Bash")), answered(failed=True), said(mail), answered()],
        Facet.MAIL: [woken(), woken(), woken(), said(mail), woken()],
    }
    for limit in (1, 2, 100):
        for only, wanted in kinds.items():
            back, on = pages_back(components, limit, only=only), pages_on(components, limit, 0, only=only)
            assert [row["event"] for page in back for row in page.rows] == wanted
            assert ids(back) == ids(on)
    assert turns([log(components, only=Facet.ERRORS)]) == [2, 3, 4]
    assert turns([log(components, only=Facet.TOOLS)]) == [2, 3]
    forget_events(components, monkeypatch)
    assert turns(pages_back(components, 1, only=Facet.ERRORS)) == [3]


def test_events_that_an_older_version_stored_are_filtered_too(components):
    for _ in range(3):
        do_turn(components, answered(failed=True), note("x"))
    forget = "UPDATE events SET facets = NULL WHERE id < 6"
    store.write(components.directory, lambda connection: connection.execute(forget).rowcount, "telemetry").wait(5)
    found = pages_back(components, 1, only=Facet.ERRORS)
    assert [row["event"] for page in found for row in page.rows] == [answered(failed=True)] * 3


@pytest.mark.parametrize("query", [{}, {"before": 4005}, {"after": 4003}, {"at_ms": START + 3_500}])
@pytest.mark.parametrize("only", [None, *Facet])
def test_a_page_reads_little_more_than_it_shows(components, only, query):
    """An agent with many events: what SQLite does for a page does not grow with them."""
    do_turn(components, answered(failed=True), said(call("mcp__hive__send")))
    for _ in range(4):
        telemetry.publish(components.directory, "alice", [note("x")] * 1000)
    do_turn(components, answered(failed=True), said(call("mcp__hive__send")), ok=False)

    def steps(connection):
        count = 0

        def step():
            nonlocal count
            count += 1

        connection.set_progress_handler(step, 100)
        try:
            found = turn_log.page("alice", 2, only=only, **query)(connection)
        finally:
            connection.set_progress_handler(None, 0)
        return count, len(found.rows)

    count, rows = store.read(components.directory, steps, "telemetry")
    assert 0 < rows <= 2
    assert count < 100


def test_a_damaged_event_stands_on_the_page_where_it_was(components):
    for _ in range(6):
        do_turn(components)
    damage = "UPDATE events SET payload = '{' WHERE id = 5"
    store.write(components.directory, lambda connection: connection.execute(damage).rowcount, "telemetry").wait(5)
    whole = pages_back(components, 4)
    assert ids(whole) == list(range(1, 13))
    (shown,) = [row for page in whole for row in page.rows if row["id"] == 5]
    assert "cannot be read" in shown["event"]["text"]
    assert ids(pages_on(components, 4, 0)) == list(range(1, 13))


def test_a_page_of_long_events_and_turns_fits_into_a_frame_and_none_is_left_out(components):
    tools = {f"tool {number:03} {'x' * 40}": 1 for number in range(60)}
    for number in range(8):
        do_turn(components, note("x" * 200_000), note(f"{number}"), tools=tools)
    pages = pages_back(components, 500)
    for page in pages:
        reply = LogReply(rows=page.rows, turns=page.turns, older=page.older, newer=page.newer).as_reply()
        assert len(encode(reply)) <= MAX_FRAME_BYTES
        assert reply["omitted"] == 0
        assert reply["rows"] == page.rows
    assert len(ids(pages)) == 8 * 4
    assert len(turns(pages)) == 8


def test_the_log_of_a_former_owner_of_the_name_is_not_the_present_one_s(components):
    do_turn(components)
    telemetry.publish(components.directory, "alice", [woken()])
    telemetry.begin_history(components.directory, "alice")
    telemetry.turn_ended(components.directory, "alice", turn())
    page = log(components)
    assert page.rows == []
    assert turns([page]) == [2]
    assert page.older is None


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_the_turns_of_an_older_version_are_found_by_their_events(tmp_path, kept):
    path = tmp_path / "old.sqlite"
    opening.migrate(path, Database.TELEMETRY)
    connection = sqlite3.connect(path)
    for statement in (
        "DROP INDEX turns_in_log", "DROP INDEX events_without_facets", "DROP INDEX events_of_errors",
        "DROP INDEX events_of_tools", "DROP INDEX events_of_mail", "ALTER TABLE events DROP COLUMN facets",
        "ALTER TABLE turns DROP COLUMN first_event", "ALTER TABLE turns DROP COLUMN last_event",
        "DELETE FROM schema_migration WHERE name LIKE '0034%'",
    ):  # fmt: skip
        connection.execute(statement)
    for number in range(3):
        for agent in ("alice", "bob"):
            for event in (woken(), note("x"), ended()):
                connection.execute(
                    "INSERT INTO events (agent, at, kind, known, payload) VALUES (?, ?, ?, 1, ?)",
                    (agent, START + number, event["kind"], json.dumps(event)),
                )
            connection.execute(
                "INSERT INTO turns (agent, ended_at, duration_ms, outcome, stats) VALUES (?, ?, 1, 'ok', ?)",
                (agent, START + number, json.dumps(turn())),
            )
    connection.execute("DELETE FROM events WHERE id <= ?", (18 - 6 * kept,))
    connection.commit()
    connection.close()
    opening.migrate(path, Database.TELEMETRY)
    connection = sqlite3.connect(path)
    spans = connection.execute("SELECT first_event, last_event FROM turns WHERE agent = 'bob' ORDER BY id").fetchall()
    connection.close()
    assert spans[3 - kept :] == [(4, 6), (10, 12), (16, 18)][3 - kept :]
    places = [first for first, _ in spans]
    assert places == sorted(set(places))
    assert all(last <= 18 - 6 * kept for _, last in spans[: 3 - kept])
