"""The operator's mail: read state for each message, figures of the whole, and a row for each sender."""

import pytest

from actors.broker import api as broker
from harness.wire.names import OPERATOR
from tests.actors.broker.kit import Post

NOW_MS = 1_700_000_000_000


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


@pytest.fixture
def ids(post):
    return [post.send(sender, OPERATOR, f"{sender} {number}").id for number in range(3) for sender in ("alice", "bob")]


def marked(post, **which):
    return broker.mark_read(post.directory, now_ms=NOW_MS, **which)


def unread(post, **filters):
    return [one.id for one in broker.operator_inbox(post.directory, unread=True, **filters).messages]


def test_one_message_is_marked_and_no_older_one(post, ids):
    assert marked(post, ids=[ids[4]]) == 1
    assert unread(post) == [*ids[:4], ids[5]]
    page = broker.operator_inbox(post.directory, limit=1)
    assert (page.total, page.unread, len(page.messages)) == (6, 5, 1)
    assert [bool(one.read_at) for one in broker.operator_inbox(post.directory).messages] == [0, 0, 0, 0, 1, 0]


def test_marking_twice_counts_once(post, ids):
    assert [marked(post, ids=ids[:2]), marked(post, ids=ids[:3]), marked(post, up_to=ids[-1])] == [2, 1, 3]
    assert unread(post) == []


def test_all_up_to_one_leaves_what_came_after_it_was_looked_at(post, ids):
    assert marked(post, up_to=ids[3], sender="bob") == 2
    assert unread(post) == [ids[0], ids[2], ids[4], ids[5]]


def test_each_sender_has_a_row_however_much_another_one_writes(post, ids):
    loud = [post.send("bob", OPERATOR, f"more {number}").id for number in range(300)]
    rows = broker.unread_mail(post.directory)
    assert [(newest.from_, count, newest.id) for count, newest in rows] == [
        ("alice", 3, ids[4]),
        ("bob", 303, loud[-1]),
    ]


def test_mail_to_others_and_unknown_numbers_are_not_marked(post, ids):
    other = post.send("alice", "bob", "for bob").id
    assert marked(post, ids=[other, 10_000]) == 0
    assert marked(post, up_to=10_000) == len(ids)
    assert [one.body for one in post.recv("bob", 9).messages] == ["for bob"]


def test_marks_survive_the_broker(post, ids):
    marked(post, ids=ids[:1])
    post.crash_broker()
    assert unread(post) == ids[1:]


def test_the_operators_own_mail_to_itself_is_never_unread(post, ids):
    post.send(OPERATOR, OPERATOR, "a note to myself")
    assert len(unread(post)) == len(ids)
