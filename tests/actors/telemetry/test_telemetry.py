"""Live events, turns and series: stored before shown, summed up in memory, dropped after their window."""

import functools

import pytest

from actors.store import api as store
from actors.telemetry import actor as telemetry_actor
from actors.telemetry import api as telemetry
from actors.telemetry import series as stored_series
from actors.telemetry import totals
from actors.telemetry.actor import TelemetryActor
from actors.telemetry.allowance import BYTES_PER_DAY, Allowance
from actors.telemetry.messages import GetSummaries
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.framing import MAX_FRAME_BYTES, encode
from harness.wire.times import from_ms
from tests.actors.components import Components
from tests.waiting import SECONDS, until

DAY = 24 * 3600
START = 1_700_000_000_000


@pytest.fixture
def components(tmp_path):
    components = Components(tmp_path)
    start(components)
    yield components
    components.close()


def start(components):
    components.boot("telemetry", TelemetryActor(directory=components.directory, clock=components.clock))


def restart(components):
    components.stop("telemetry")
    start(components)


def note(text):
    return {"kind": "note", "text": text, "class": "harness"}


def turn(ended_ms=START, **changes):
    stats = {
        "started_at": from_ms(ended_ms - 1500),
        "ended_at": from_ms(ended_ms),
        "duration_ms": 1500,
        "model": "haiku",
        "wake_from": "operator",
        "outcome": "ok",
        "cold": False,
        "tokens": {"input": 10, "output": 20},
        "context_tokens": 4000,
        "cost_usd": 0.25,
        "tools": {"Bash": 2, "send": 1},
        "sent": {"peer": 1, "operator": 1},
        "received": {"operator": 1},
        "inbox_depth": 3,
        "notes_bytes": 120,
    }
    return stats | changes


def history(components, **rest):
    return telemetry.log(components.directory, agent="alice", **rest).rows


def test_events_are_stored_and_shown_in_order(components):
    assert telemetry.publish(components.directory, "alice", [note("one"), note("two")]) == 2
    rows = history(components)
    assert [row["event"]["text"] for row in rows] == ["one", "two"]
    assert rows[0] == {"agent": "alice", "id": rows[0]["id"], "at": from_ms(START), "event": note("one"), "known": True}
    assert components.emitted("live") == rows


def test_an_unknown_shape_is_stored_and_shown_as_it_came(components):
    odd = {"kind": "sparkle", "colour": ["red"]}
    telemetry.publish(components.directory, "alice", [odd, {"no": "kind"}, note("fine")])
    assert [(row["event"], row["known"]) for row in history(components)] == [
        (odd, False),
        ({"no": "kind"}, False),
        (note("fine"), True),
    ]
    assert [row["known"] for row in components.emitted("live")] == [False, False, True]


def test_an_event_too_large_for_a_frame_is_kept_as_a_note_that_says_so(components):
    telemetry.publish(components.directory, "alice", [note("x" * 300_000)])
    assert history(components)[0]["event"]["text"].startswith("an event of 3000")


def test_history_pages_back_and_every_page_fits_into_a_frame(components):
    for number in range(12):
        telemetry.publish(components.directory, "alice", [note(f"{number} " + "x" * 200_000)])
    seen, before = [], None
    while rows := history(components, limit=100, before=before):
        assert len(encode({"rows": rows})) <= MAX_FRAME_BYTES
        seen, before = [row["event"]["text"].split()[0] for row in rows] + seen, rows[0]["id"]
    assert seen == [str(number) for number in range(12)]


def test_an_agent_sees_only_its_own_and_both_spellings_of_the_manager_are_one(components):
    telemetry.publish(components.directory, "bob", [note("bob's")])
    telemetry.publish(components.directory, "hm1nd", [note("boss")])
    assert history(components) == []
    assert len(telemetry.log(components.directory, agent="manager").rows) == 1


def test_event_ids_go_on_after_a_restart(components):
    telemetry.publish(components.directory, "alice", [note("a")])
    restart(components)
    telemetry.publish(components.directory, "alice", [note("b")])
    first, second = (row["id"] for row in history(components))
    assert second == first + 1


def test_a_turn_is_a_row_and_points_in_every_series(components):
    telemetry.turn_ended(components.directory, "alice", turn(START))
    telemetry.turn_ended(components.directory, "alice", turn(START + 10_000, outcome="failed", tools={}))
    rows = telemetry.turns(components.directory, agent="alice")
    assert [row.stats["outcome"] for row in rows] == ["ok", "failed"]
    assert [event["stats"]["outcome"] for event in components.emitted("turn")] == ["ok", "failed"]
    series = telemetry.stats(components.directory, since_ms=0)["alice"]
    assert series["turn_duration_ms"] == [[START, 1500], [START + 10_000, 1500]]
    assert series["since_last_turn_ms"] == [[START + 10_000, 8500]]
    assert set(series) == {
        "turns", "turn_duration_ms", "tool_calls", "tool.Bash", "tool.send", "outcome.ok", "outcome.failed", "cold", "inbox_depth",
        "sent.peer", "sent.operator", "received.operator", "since_last_turn_ms", "notes_bytes", "context_tokens", "tokens.input",
        "tokens.output", "cost_usd",
    }  # fmt: skip


def test_figures_that_are_none_are_refused_with_the_field_named(components):
    with pytest.raises(HiveError, match="duration_ms") as refusal:
        telemetry.turn_ended(components.directory, "alice", turn() | {"duration_ms": "long"})
    assert refusal.value.code is ErrorCode.BAD_REQUEST
    assert telemetry.turns(components.directory, agent="alice") == []


def test_a_series_can_be_cut_by_time_and_agent_and_sampled_from_elsewhere(components):
    telemetry.turn_ended(components.directory, "alice", turn(START))
    telemetry.sample(components.directory, "*", "approvals_pending", 4)
    components.clock.advance(1)
    telemetry.turn_ended(components.directory, "bob", turn(START + 1000))
    assert telemetry.stats(components.directory, since_ms=0)["*"] == {"approvals_pending": [[START, 4.0]]}
    assert set(telemetry.stats(components.directory, since_ms=START + 1)) == {"bob"}
    assert set(telemetry.stats(components.directory, since_ms=0, agent="alice")) == {"alice"}


def test_a_long_series_is_thinned_counts_summed_and_measures_averaged(components, monkeypatch):
    monkeypatch.setattr(stored_series, "MAX_POINTS", 40)
    for number in range(50):
        store.write(
            components.directory,
            lambda connection, number=number: connection.executemany(
                "INSERT INTO stats VALUES ('a', ?, ?, ?)", [(number, "turns", 1.0), (number, "inbox_depth", 3.0)]
            ),
            "telemetry",
        ).get(timeout=SECONDS)
    series = telemetry.stats(components.directory, since_ms=0)["a"]
    assert all(len(points) <= 20 for points in series.values())
    assert sum(value for _, value in series["turns"]) == 50
    assert {value for _, value in series["inbox_depth"]} == {3.0}


def summaries(components):
    return components.directory.ask(telemetry.TELEMETRY, GetSummaries())


def test_a_summary_is_of_today_and_survives_a_restart(components):
    usage = {"kind": "usage", "context_tokens": 5000, "context_window": 200_000, "cost_usd": 0.5}
    telemetry.turn_ended(components.directory, "alice", turn(START, duration_ms=1000))
    telemetry.turn_ended(components.directory, "alice", turn(START, duration_ms=3000, context_tokens=4500))
    telemetry.publish(components.directory, "alice", [usage])
    for _ in range(2):
        (alice,) = summaries(components).values()
        assert (alice.turns_today, alice.average_turn_ms, alice.cost_today_usd) == (2, 2000, 0.5)
        assert (alice.context_tokens, alice.context_window, alice.last_turn["duration_ms"]) == (5000, 200_000, 3000)
        restart(components)
    components.clock.advance(DAY)
    alice = summaries(components)["alice"]
    assert (alice.turns_today, alice.average_turn_ms, alice.cost_today_usd) == (0, None, None)
    assert alice.last_turn is not None


def count(components, table):
    return store.read(
        components.directory,
        lambda connection: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0],
        "telemetry",
    )


def passed(components, seconds):
    timers = components.clock.pending
    for part in (seconds, 3601):
        components.clock.advance(part)
        until(lambda: components.clock.pending == timers, "the sweep is over, and the next one planned")


def test_events_go_after_a_week_and_turns_and_series_after_ninety_days(components, monkeypatch):
    monkeypatch.setattr(telemetry_actor, "BATCH", 3)
    telemetry.publish(components.directory, "alice", [note(str(number)) for number in range(10)])
    telemetry.turn_ended(components.directory, "alice", turn(START))
    passed(components, 6 * DAY)
    assert (count(components, "events"), count(components, "turns")) == (10, 1)
    passed(components, 2 * DAY)
    assert (count(components, "events"), count(components, "turns")) == (0, 1)
    passed(components, 80 * DAY)
    assert count(components, "turns") == 1
    passed(components, 3 * DAY)
    assert count(components, "turns") == 0
    until(lambda: count(components, "stats") == 0, "the largest table is swept as well")


def ages(components, table, column):
    return store.read(
        components.directory,
        lambda connection: [at for (at,) in connection.execute(f"SELECT {column} FROM {table} ORDER BY 1")],
        "telemetry",
    )


def put(components, statement, rows):
    store.write(
        components.directory, lambda connection: connection.executemany(statement, rows) and None, "telemetry"
    ).get(timeout=SECONDS)


@pytest.mark.parametrize("young", [1, 3, 7])
def test_a_sweep_goes_on_behind_rows_of_a_clock_that_was_ahead(components, monkeypatch, young):
    monkeypatch.setattr(telemetry_actor, "BATCH", 3)
    ahead, old = START + 400 * DAY * 1000, START - 200 * DAY * 1000
    moments = [ahead] * young + [old] * 10 + [START] * 2
    put(
        components,
        "INSERT INTO events (agent, at, kind, known, payload) VALUES ('a', ?, 'note', 1, '{}')",
        [(at,) for at in moments],
    )
    put(
        components,
        "INSERT INTO turns (agent, ended_at, duration_ms, outcome, stats) VALUES ('a', ?, 1, 'ok', '{}')",
        [(at,) for at in moments],
    )
    put(
        components,
        "INSERT INTO stats VALUES ('a', ?, ?, 1.0)",
        [(at, str(number)) for number, at in enumerate(moments)],
    )
    passed(components, 0)
    assert ages(components, "events", "at") == [START] * 2 + [ahead] * young
    assert ages(components, "turns", "ended_at") == [START] * 2 + [ahead] * young
    assert ages(components, "stats", "ts") == [START] * 2, "a point that is to come is no measurement"
    passed(components, 500 * DAY)
    assert ages(components, "events", "at") == ages(components, "turns", "ended_at") == []


def test_a_turn_of_the_future_counts_on_no_day(components):
    telemetry.turn_ended(components.directory, "alice", turn(START + 400 * DAY * 1000))
    (row,) = telemetry.turns(components.directory, agent="alice")
    assert row.stats["ended_at"] == from_ms(START + telemetry_actor.AHEAD_MS)
    assert (
        max(at for points in telemetry.stats(components.directory, since_ms=0)["alice"].values() for at, _ in points)
        < START + DAY * 1000
    )


def test_of_an_agent_that_reports_without_end_a_day_s_worth_is_kept_and_its_log_says_so(components, monkeypatch):
    monkeypatch.setattr(telemetry_actor, "Allowance", functools.partial(Allowance, left=3_000.0))
    for _ in range(10):
        telemetry.publish(components.directory, "alice", [note("x" * 900)] * 2)
    assert telemetry.publish(components.directory, "bob", [note("y" * 900)]) == 1
    kept = telemetry.log(components.directory, agent="alice", limit=50).rows
    assert [len(row["event"]["text"]) > 800 for row in kept] == [True, True, True, False]
    assert "MiB a day are not kept" in kept[-1]["event"]["text"]


def test_the_allowance_is_refilled_over_the_day():
    one = Allowance(at=100.0)
    assert one.take(BYTES_PER_DAY, 100.0)
    assert not one.take(2, 100.0)
    assert one.take(BYTES_PER_DAY // 2, 100.0 + DAY / 2)
    assert not one.take(BYTES_PER_DAY // 2, 100.0 + DAY / 2)


def test_each_turn_is_one_line_of_the_log_whoever_woke_it(components, caplog):
    caplog.set_level("INFO", "actors.telemetry.actor")
    telemetry.turn_ended(components.directory, "alice", turn())
    telemetry.turn_ended(
        components.directory, "bob", turn(outcome="failed", cost_usd=None, wake_from="x\n2026 ERROR forged")
    )
    assert [record.message for record in caplog.records] == [
        'turn agent=alice from="operator" outcome=ok seconds=1.5 cost_usd=0.2500',
        'turn agent=bob from="x\\n2026 ERROR forged" outcome=failed seconds=1.5 cost_usd=-',
    ]


def test_costs_are_summed_by_agent_and_day_the_dearest_first_and_the_others_together(components, monkeypatch):
    monkeypatch.setattr(totals, "MAX_AGENTS", 2)
    first_day = START // 86_400_000 * 86_400_000
    for agent, dollars in (("ann", 0.5), ("bob", 2.0), ("cid", 0.25), ("dan", 0.125)):
        telemetry.turn_ended(components.directory, agent, turn(START, cost_usd=dollars))
        telemetry.turn_ended(components.directory, agent, turn(START + 1, cost_usd=dollars))
        telemetry.turn_ended(components.directory, agent, turn(START - 86_400_000, cost_usd=dollars))
    found = telemetry.costs(components.directory, since_ms=START)
    assert list(found) == ["bob", "ann", "*"]
    assert found["bob"] == [[first_day, 4.0, 2]]
    assert found["*"] == [[first_day, 0.75, 4]]
    both = telemetry.costs(components.directory, since_ms=START - 86_400_000, agent="cid")
    assert both == {"cid": [[first_day - 86_400_000, 0.25, 1], [first_day, 0.5, 2]]}


def test_the_totals_of_an_agent_begin_with_its_last_start(components):
    booting = {"kind": "state", "state": "booting", "since": from_ms(START)}
    telemetry.turn_ended(components.directory, "alice", turn(START))
    assert telemetry.since_boot(components.directory, "alice").turns == 1
    components.clock.advance(10)
    telemetry.publish(
        components.directory, "alice", [booting, {"kind": "state", "state": "idle", "since": from_ms(START)}]
    )
    for number in range(3):
        telemetry.turn_ended(components.directory, "alice", turn(START + 11_000 + number))
        telemetry.turn_ended(components.directory, "bob", turn(START + 11_000 + number))
    found = telemetry.since_boot(components.directory, "alice")
    assert found.since_ms == START + 10_000
    assert (found.turns, found.cost_usd, found.tokens) == (3, 0.75, {"input": 30, "output": 60})
    assert list(found.tools.items()) == [("Bash", 6), ("send", 3)]
