"""The boundary: numbers, trees and texts of a client before a request is made of them; replies that fit."""

import json

import pytest

from harness.wire import framing, parse, times
from harness.wire.agent_api import ALL_VERBS, Publish, Question
from harness.wire.boundary.frame import MAX_DEPTH, MAX_VALUES, checked, mended, shown
from harness.wire.boundary.listing import LIST_BYTES, ListReply
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.model import Record
from harness.wire.operator_api import QuestionsReply
from harness.wire.parse import parse_request


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


def refused(frame, code):
    with pytest.raises(HiveError) as refusal:
        checked(frame)
    assert refusal.value.code is code
    return True


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("plain", "plain"), ("two\nlines\tand a tab", "two\nlines\tand a tab"), ("dos\r\nlines", "dos\nlines"), ("\r", "␍"),
        ("\ud800", "�"), ("a\udfffb", "a�b"), ("\x00", "␀"), ("\x1b[2J", "␛[2J"), ("\x7f", "␡"), ("\x9b31m", "�31m"),
        ("\x85", "�"), ("ü \U0001f600", "ü \U0001f600"), ("no break", "no break"),
    ],
)  # fmt: skip
def test_text_is_whole_characters_of_which_none_acts_on_a_terminal(text, shown_as):
    assert mended(text) == shown_as
    assert checked({"cmd": text, text: [{text: text}]}) == {"cmd": shown_as, shown_as: [{shown_as: shown_as}]}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400, float("inf"), float("-inf"), float("nan")])
def test_a_number_beyond_64_bits_or_not_finite_is_refused_wherever_it_stands(number):
    assert refused({"cmd": "x", "id": number}, ErrorCode.BAD_REQUEST)
    assert refused({"cmd": "x", "a": [{"b": [1, number]}]}, ErrorCode.BAD_REQUEST)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 1e308, -0.0, 0, True])
def test_a_number_within_64_bits_is_itself(number):
    assert checked({"id": [number]}) == {"id": [number]}


def test_a_tree_has_bounds_in_depth_and_in_values():
    assert checked({"a": nested(MAX_DEPTH - 1)})
    assert refused({"a": nested(MAX_DEPTH)}, ErrorCode.TOO_LARGE)
    assert refused({"a": nested(5_000)}, ErrorCode.TOO_LARGE)
    assert refused({"a": [0] * MAX_VALUES}, ErrorCode.TOO_LARGE)
    assert refused({"a": [[0] * 1000 for _ in range(MAX_VALUES // 1000)]}, ErrorCode.TOO_LARGE)


@pytest.mark.parametrize(
    "line", [b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":"\xed\xa0\x80"}', b"\xff\xfe{\x00}\x00"]
)
def test_what_is_no_json_is_refused(line):
    with pytest.raises(HiveError) as refusal:
        framing.decode(line)
    assert refusal.value.code is ErrorCode.BAD_REQUEST


def test_a_frame_with_what_cannot_be_shown_is_shown_without_it():
    rows = [{"cost": float("nan"), "text": "a\ud800\x1b"}, {"text": "fine"}]
    assert json.loads(framing.encode({"rows": rows})) == {"rows": [{"cost": None, "text": "a�␛"}, {"text": "fine"}]}
    deep = json.loads(framing.encode({"rows": nested(900), "nan": float("nan"), "fine": 1}))
    assert deep["fine"] == 1


def test_showing_never_fails():
    assert shown({"a": (1, float("inf"), {2: "\ud800"})}) == {"a": [1, None, {"2": "�"}]}
    assert shown(nested(10_000))
    assert shown([2**63 - 1, 2**64, True]) == [2**63 - 1, "10000000000000000 in hexadecimal", True]
    assert shown(10**5_000)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999-00:01", "0001-01-01T00:00:00+23:59"],
)
def test_a_time_outside_1970_to_9999_is_none(text):
    with pytest.raises(ValueError, match="1970 to 9999"):
        times.to_ms(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [(-1, "1970-01-01T00:00:00.000Z"), (10**18, "9999-12-31T23:59:59.999Z"), (2**63 - 1, "9999-12-31T23:59:59.999Z")],
)
def test_a_moment_that_no_calendar_has_shows_as_the_nearest(ms, text):
    assert times.from_ms(ms) == text
    assert times.from_ms(times.to_ms(text)) == text


def request(cmd, **arguments):
    return parse_request({"cmd": cmd, **arguments}, ALL_VERBS)


def refusal_of(cmd, **arguments):
    with pytest.raises(HiveError) as refusal:
        request(cmd, **arguments)
    return refusal.value


@pytest.mark.parametrize(
    ("cmd", "arguments"),
    [
        ("ask", {"question": "x" * 9_000}),
        ("ask", {"question": "x", "options": ["y" * 5_000] * 2}),
        ("ask", {"question": "\U0001f600" * 2_100}),
        ("answer", {"id": 1, "answer": "x" * 17_000}),
    ],
)
def test_a_text_for_a_list_that_is_too_long_is_refused_with_the_way_out(cmd, arguments):
    error = refusal_of(cmd, **arguments)
    assert (error.code, error.hint) == (ErrorCode.TOO_LARGE, "write a file and send its path")


@pytest.mark.parametrize("seconds", [3e11, 1e18, 1e300, -1.0, float(100 * 365 * 24 * 3600 + 1)])
def test_a_delay_that_no_calendar_has_is_refused_with_what_is_meant(seconds):
    error = refusal_of("remind", message="x", delay_seconds=seconds)
    assert error.code is ErrorCode.BAD_REQUEST
    assert "hundred years" in error.hint


STATS = {
    "started_at": "2026-01-01T00:00:00Z",
    "ended_at": "2026-01-01T00:00:01Z",
    "duration_ms": 1000,
    "outcome": "ok",
    "cold": True,
}


@pytest.mark.parametrize(
    "odd",
    [
        {"started_at": "0001-01-01T00:00:00Z"}, {"ended_at": "0001-01-01T00:00:00Z"}, {"ended_at": "9999-12-31T23:59:59-01:00"},
        {"duration_ms": -1}, {"duration_ms": 10**18}, {"duration_ms": 1e30}, {"cost_usd": -0.01}, {"cost_usd": 1e12},
        {"tokens": {"input": -1}}, {"tokens": {"input": 2**60}}, {"tools": {"x" * 300: 1}}, {"tools": {str(n): 1 for n in range(1001)}},
        {"inbox_depth": -1}, {"notes_bytes": -5}, {"model": "m" * 300}, {"outcome": "great"}, {"cold": "maybe"},
    ],
)  # fmt: skip
def test_figures_of_a_turn_have_a_range(odd):
    assert request("turn_ended", stats=STATS)
    error = refusal_of("turn_ended", stats=STATS | odd)
    assert error.code is ErrorCode.BAD_REQUEST
    assert next(iter(odd)) in error.message


def test_an_event_as_agreed_keeps_the_agreed_fields_and_others_stay_as_they_came():
    state = {"kind": "state", "state": "idle", "since": "2026-01-01T01:00:00+01:00", "x": {"deep": 1}}
    early = {"kind": "state", "state": "idle", "since": "0001-01-01T00:00:00Z"}
    odd = {"kind": "sparkle", "n": [1]}
    assert request("publish", events=[state, early, odd]) == Publish(
        events=[{"kind": "state", "state": "idle", "since": "2026-01-01T00:00:00.000Z"}, early, odd]
    )


class Row(Record):
    text: str


class Rows(ListReply):
    first: list[Row]
    last: list[Row] = []


class Newest(Rows):
    keeps_last = True


def size(reply):
    return len(framing.encode(reply.as_reply()))


def test_a_list_that_fits_is_whole():
    reply = Rows(first=[Row(text="x" * 100_000)] * 9).as_reply()
    assert (len(reply["first"]), reply["omitted"], len(reply["first"][0]["text"])) == (9, 0, 100_000)


def test_long_texts_are_cut_before_a_row_is_left_out():
    reply = Rows(first=[Row(text=f"{number}" + "x" * 500_000) for number in range(3)]).as_reply()
    assert [row["text"][0] for row in reply["first"]] == ["0", "1", "2"]
    assert (reply["omitted"], reply["first"][0]["text"][-24:]) == (0, "… (491809 more characters)"[-24:])


@pytest.mark.slow
@pytest.mark.parametrize("text", ["x" * 9_000, "\\" * 9_000, "\x01" * 5_000, "\ud800" * 3_000])
@pytest.mark.parametrize("kind", [Rows, Newest])
def test_rows_that_do_not_fit_are_counted_and_the_right_end_stays(kind, text):
    rows = [Row.model_construct(text=f"{number} {text}") for number in range(2_000)]
    reply = kind(first=rows, last=rows)
    assert size(reply) <= framing.MAX_FRAME_BYTES
    frame = reply.as_reply()
    kept = [int(row["text"].split()[0]) for row in frame["first"]]
    assert kept == (list(range(2_000 - len(kept), 2_000)) if kind is Newest else list(range(len(kept))))
    assert len(kept) > 300
    assert frame["omitted"] == 4_000 - len(kept) - len(frame["last"])


def test_a_question_that_waits_stays_longer_than_any_that_has_ended():
    asked = {"asker": "alice", "target": "operator", "options": [], "multi": False, "asked_at": "2026-01-01T00:00:00Z"}
    rows = [
        Question(id=number, question="q" * 600, status="expired" if number else "pending", **asked)
        for number in range(2_000)
    ]
    frame = QuestionsReply(questions=rows).as_reply()
    assert frame["questions"][0]["status"] == "pending"
    assert frame["questions"][-1]["id"] == 1_999
    assert frame["omitted"] == 2_000 - len(frame["questions"]) > 0
    assert len(framing.encode(frame)) < LIST_BYTES + 1_000


@pytest.mark.parametrize(
    "frame",
    [
        {"cmd": "whoami", **{f"k{number}": 0 for number in range(75_000)}},
        {"cmd": "turn_ended", "stats": {"tokens": {f"k{number}": "x" for number in range(75_000)}}},
        {"cmd": "requeue_inflight", "keep": ["x"] * 75_000},
    ],
    ids=lambda frame: frame["cmd"],
)
def test_a_request_with_very_many_errors_is_refused_without_telling_of_each(frame, monkeypatch):
    told = []
    monkeypatch.setattr(parse, "_sentence", lambda cmd, error: told.append(error.error_count()) or cmd)
    with pytest.raises(HiveError) as refusal:
        parse_request(frame, ALL_VERBS)
    assert refusal.value.code is ErrorCode.BAD_REQUEST
    assert all(count <= parse.MAX_ERRORS for count in told)
