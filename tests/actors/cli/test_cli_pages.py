"""`-n` means what it says: the count that was asked for, however few rows fit into one reply."""

import json

import pytest

from harness.wire.agent_api import MessagesReply
from harness.wire.limits import MAX_ROWS
from harness.wire.operator_api import HOST_VERBS
from harness.wire.operator_api.mail import DeadLettersReply, InboxReply
from harness.wire.operator_api.watching import LogReply
from harness.wire.operator_rows import DeadLetter
from tests.actors.cli import rows

AT = "2026-01-02T03:04:05.000Z"


def dead(number: int) -> DeadLetter:
    return DeadLetter(
        id=number, from_="a", to="b", body="x", kind="message", sent_at=AT, attempts=6, reason="r", failing_since=AT,
        set_aside_at=AT,
    )  # fmt: skip


def event(number: int) -> dict:
    return {"agent": "a", "id": number, "at": AT, "event": {"kind": "note", "text": "x"}, "known": True}


PAGED = {
    ("inbox",): (
        "inbox",
        lambda page: InboxReply(messages=[rows.message(n, "a", "operator", "x") for n in page], total=9, unread=9),
    ),
    ("messages",): ("messages", lambda page: MessagesReply(messages=[rows.message(n, "a", "b", "x") for n in page])),
    ("messages", "--undelivered"): (
        "messages",
        lambda page: MessagesReply(messages=[rows.message(n, "a", "b", "x") for n in page]),
    ),
    ("dead", "list"): ("dead_letters", lambda page: DeadLettersReply(dead_letters=[dead(n) for n in page])),
    ("turns", "a"): (
        "live_history",
        lambda page: LogReply(rows=[event(n) for n in page], older=page[0] if page and page[0] > 1 else None),
    ),
}


def serve(daemon, verb, make, *, stored, fit):
    """A table of `stored` rows, of which `fit` go into one reply."""

    def answer(frame):
        last = min(stored, (frame.get("before") or stored + 1) - 1)
        return make(range(max(1, last - min(frame["limit"], fit) + 1), last + 1))

    daemon.answers[verb] = answer


@pytest.mark.parametrize(("command", "paged"), PAGED.items(), ids=lambda one: one[0])
@pytest.mark.parametrize("numbers", [(400, 1000, 400), (400, 90, 90), (1, 90, 1), (3000, 2500, 2500)])
def test_as_many_rows_are_shown_as_were_asked_for(daemon, hive, command, paged, numbers):
    (verb, make), (count, stored, shown) = paged, numbers
    serve(daemon, verb, make, stored=stored, fit=300)
    found = json.loads(hive(*command, "-n", str(count), "--json").stdout)
    assert [row["id"] for row in found] == list(range(stored - shown + 1, stored + 1))


def test_every_verb_that_pages_is_asked_through_pages():
    """A new listing with `before` has its command in the table above.

    `search` goes on by a mark of its index; `thread` has more than a list, and a test of its own.
    """
    paging = {verb.cmd for verb in HOST_VERBS.values() if "before" in verb.request.model_fields}
    assert paging - {"search", "thread"} == {verb for verb, _ in PAGED.values()}


def test_a_daemon_that_does_not_page_ends_the_list(daemon, hive):
    daemon.answers["messages"] = MessagesReply(messages=[rows.message(n, "a", "b", "x") for n in (1, 2)])
    assert [row["id"] for row in json.loads(hive("messages", "--json").stdout)] == [1, 2]


def test_the_limit_of_one_request_is_the_wires(daemon, hive):
    serve(daemon, "messages", PAGED["messages",][1], stored=1200, fit=MAX_ROWS)
    hive("messages", "-n", "1200")
    assert [frame["limit"] for frame in daemon.requests] == [MAX_ROWS, 1200 - MAX_ROWS]
