"""The turn log by turns: heads, times of tools, pages to the first turn, filters and the jump to a time."""

import base64
import re

import pytest

from harness.wire.live.facets import Facet
from harness.wire.operator_rows import TurnRow
from tests.web import sample_rows
from tests.web.answers.log import past_turns
from web.presentation import log_turns

START = {"kind": "turn_start", "from": "bob", "body": "go", "unread": 0, "message_ids": []}
END = {"kind": "turn_end", "ok": True, "outcome": "ok"}


def records(*events, first=1):
    return [
        {"id": n, "at": f"2026-11-20T06:00:{n:02}.000Z", "event": event, "known": True}
        for n, event in enumerate(events, first)
    ]


def ended(number, first, last, **stats):
    return TurnRow(id=number, agent="alice", stats=stats, first_event=first, last_event=last)


def shape(groups):
    return [(group.turn, group.running, group.gone, [row.event for row in group.rows]) for group in groups]


def note(text="x"):
    return {"kind": "note", "text": text}


def test_rows_stand_below_the_turn_they_belong_to():
    rows = records(note(), START, note(), END, note(), START, note())
    found = log_turns.groups(rows, [ended(1, 2, 4, wake_from="bob", outcome="ok")])
    assert shape(found) == [
        (None, False, False, [1]), (2, False, False, [2, 3, 4]), (None, False, False, [5]), (6, True, False, [6, 7]),
    ]  # fmt: skip
    assert found[1].head.outcome == "ok"
    assert found[3].head == log_turns.Head("bob", rows[5]["at"])


def test_a_turn_whose_figures_are_not_there_yet_ends_with_its_last_event():
    found = log_turns.groups(records(START, END, note()), [])
    assert shape(found) == [(1, True, False, [1, 2]), (None, False, False, [3])]


def test_turns_without_events_stand_where_they_were():
    turns = [ended(1, 1, 3), ended(2, 5, 9), ended(3, 20, 20)]
    found = log_turns.groups(records(note(), first=11), turns)
    assert shape(found) == [
        (1, False, True, []),
        (5, False, True, []),
        (None, False, False, [11]),
        (20, False, True, []),
    ]


def test_a_page_that_begins_in_a_running_turn_goes_on_with_it():
    assert shape(log_turns.groups(records(note(), first=7), [], running=3)) == [(3, True, False, [7])]
    assert shape(log_turns.groups(records(END, note(), first=7), [], running=3))[1] == (None, False, False, [8])
    figures = [ended(1, 3, 7, wake_from="bob")]
    assert shape(log_turns.groups(records(END, first=7), figures, running=3)) == [(3, False, False, [7])]


def test_a_tool_takes_from_its_call_to_its_answer():
    def block(kind, key, name):
        return {"type": kind, "name": "Bash", "input": {}, "content": "x"} | {key: name}

    rows = records(
        sample_rows.assistant(block("tool_use", "id", "a"), block("tool_use", "id", "b")),
        {"kind": "stream", "message": {"type": "user", "message": {"content": [block("tool_result", "tool_use_id", "b")]}}},
        note(),
        {"kind": "stream", "message": {"type": "user", "message": {"content": [block("tool_result", "tool_use_id", "a")]}}},
    )  # fmt: skip
    (group,) = log_turns.groups(rows, [])
    assert [row.took_ms for row in group.rows if row.kind == "call"] == [3000, 1000]


def test_a_filter_takes_the_rows_of_its_facet_out_of_a_message():
    both = sample_rows.assistant({"type": "text", "text": "words"}, {"type": "tool_use", "name": "Bash", "input": {}})
    rows = records(START, both, sample_rows.result("no", failed=True), END)
    by = {only: [row.kind for group in log_turns.groups(rows, [], only=only) for row in group.rows] for only in Facet}
    assert by == {Facet.ERRORS: ["failed"], Facet.TOOLS: ["call", "failed"], Facet.MAIL: ["in"]}


@pytest.mark.parametrize("figures", [{"tokens": "many"}, {"tokens": {"input": None}}, {"tools": 3}, {}])
def test_odd_figures_are_no_figures(figures):
    head = log_turns.head(ended(1, 1, 1, **figures))
    assert head.tokens is None


def events(number):
    return [START, sample_rows.text(f"words {number:03}."), sample_rows.result("no", failed=number % 10 == 0), END]


def follow(site, address, link):
    """The pages from `address` on by their own links, without scripts."""
    while address:
        page = site.get(address).text
        yield page
        found = re.search(rf'<p class="log-more" data-log-{link} ><a href="([^"]+)"', page)
        address = found and found[1].replace("&amp;", "&")


@pytest.mark.slow
def test_older_leads_to_the_first_turn_also_behind_the_kept_events(site, fake):
    fake.live.clear()
    past_turns(fake, "alice", 260, events)
    del fake.live[: 4 * 10]
    pages = list(follow(site, "/agent/alice/", "older"))
    seen = [words for page in reversed(pages) for words in re.findall(r"words (\d{3})\.", page)]
    assert seen == [f"{number:03}" for number in range(10, 260)]
    turns = [turn for page in pages for turn in re.findall(r'id="turn-(\d+)"', page)]
    assert set(turns) == {str(1 + 4 * number) for number in range(260)}
    assert pages[-1].count("are not kept any more") == 10
    assert "the log begins here" in pages[-1]
    assert "the log begins here" not in pages[0]


def test_the_log_begins_at_a_time_and_newer_leads_back_to_now(site, fake):
    fake.live.clear()
    past_turns(fake, "alice", 260, events)
    pages = list(follow(site, "/agent/alice/?at=2h", "newer"))
    seen = [words for page in pages for words in re.findall(r"words (\d{3})\.", page)]
    assert seen == [f"{number:03}" for number in range(140, 260)]
    assert "back to now" in pages[0]
    assert site.get("/agent/alice/?at=yesterday").text.count("a moment is a day") == 1


@pytest.mark.slow
def test_a_filter_is_answered_by_the_daemon_and_stays_on_every_page(site, fake):
    fake.live.clear()
    past_turns(fake, "alice", 3500, events, every_ms=1000)
    pages = list(follow(site, "/agent/alice/?only=errors", "older"))
    assert sum(page.count("row-failed") for page in pages) == 350
    assert not any("words" in page.partition('id="side"')[0].partition("data-rows")[2] for page in pages)
    asked = [frame["only"] for frame in fake.asked if frame["cmd"] == "live_history" and frame["limit"] > 1]
    assert set(asked) == {"errors"}
    assert site.get("/agent/alice/?only=gossip").text.count("the filters are: errors, tools, mail") == 1


def answer(*parts):
    block = {"type": "tool_result", "tool_use_id": "t", "content": list(parts)}
    return {"kind": "stream", "message": {"type": "user", "message": {"content": [block]}}}


def picture(data, kind="image/png"):
    encoded = data if isinstance(data, str) else base64.b64encode(data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": encoded}}


PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def test_an_image_is_a_link_to_its_bytes_and_nothing_else_is_served_as_one(site, fake):
    pictures = [picture(PNG), picture(b"<script>alert(1)</script>"), picture(PNG, "text/html"), picture("")]
    row = fake.happen("alice", answer({"type": "text", "text": "taken"}, *pictures))
    page = site.get("/agent/alice/").text
    assert f'href="/agent/alice/log/image/{row["id"]}-0-0"' in page
    assert "image/png, 14 B" in page
    assert "image/png, too large to keep" in page
    assert base64.b64encode(PNG).decode() not in page
    shown = site.get(f"/agent/alice/log/image/{row['id']}-0-0", decode=False)
    assert (shown.headers["Content-Type"], b"".join(shown.body)) == ("image/png", PNG)
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    for place in ("0-1", "0-2", "0-3", "0-4", "1-0"):
        assert site.get(f"/agent/alice/log/image/{row['id']}-{place}").status == 404
    assert site.get("/agent/alice/log/image/x").status == 400


def test_show_all_leads_to_the_whole_event(site, fake):
    row = fake.happen("alice", sample_rows.result("\n".join(f"line {n}" for n in range(500))))
    page = site.get("/agent/alice/").text
    assert f'href="/agent/alice/log/event/{row["id"]}"' in page
    assert "show all: 300 more lines" in page
    assert "line 499" not in page
    for headers in ({}, {"HX-Request": "true"}):
        whole = site.get(f"/agent/alice/log/event/{row['id']}", headers=headers).text
        assert "line 499" in whole
        assert whole.count("show all") == 0
    assert site.get(f"/agent/alice/log/event/{row['id'] + 1}").status == 404
    assert site.get("/agent/bob/log/event/1").status == 404
