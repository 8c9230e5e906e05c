"""Only acknowledged mail past its window goes, hourly, a little at a time."""

import pytest

from actors.broker import retention
from actors.broker.turns import api as turns
from tests.actors.broker.kit import Post
from tests.waiting import until

DAY = 24 * 3600


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def swept(post, seconds):
    """Time passes, and after it one more hour: the last sweep is one of that moment."""
    for part in (seconds, 3601):
        post.clock.advance(part)
        sweep_ends(post)


def sweep_ends(post):
    until(lambda: post.clock.pending == 1, "the sweep is over, and the next one planned")


def ids(post):
    return [id_ for (id_,) in post.sql("SELECT id FROM messages ORDER BY id")]


def test_acked_mail_is_dropped_past_the_window_and_unacked_mail_never(post):
    for _ in range(4):
        post.send("alice", "bob")
    post.send("alice", "operator")
    post.recv("bob", 2)
    post.ack("bob")
    post.recv("bob", 1)
    swept(post, 29 * DAY)
    assert ids(post) == [1, 2, 3, 4, 5]
    post.send("alice", "bob")
    swept(post, 2 * DAY)
    assert ids(post) == [3, 4, 5, 6]
    swept(post, 300 * DAY)
    assert ids(post) == [3, 4, 5, 6]
    assert post.status("bob") == (2, 1)


def test_the_window_counts_from_the_ack(post):
    post.send("alice", "bob")
    post.send("alice", "carol")
    post.recv("bob")
    swept(post, 20 * DAY)
    post.ack("bob")
    swept(post, 20 * DAY)
    assert ids(post) == [1, 2]
    swept(post, 11 * DAY)
    assert ids(post) == [2]


def test_an_id_is_never_given_out_twice_even_when_everything_was_swept(post):
    for _ in range(3):
        post.send("alice", "bob")
    post.recv("bob", 3)
    post.ack("bob")
    swept(post, 40 * DAY)
    assert ids(post) == [3]
    post.crash_broker()
    assert post.send("alice", "bob").id == 4


def test_a_broker_sweeps_when_it_starts_and_in_bounded_batches(post, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 10)
    post.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 35) INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at, acked_at) SELECT i, 'alice', 'bob', 9, '', 'message', i, i FROM n"
    )
    post.crash_broker()
    sweep_ends(post)
    assert ids(post) == [35]


@pytest.mark.parametrize("young", [1, 10, 25])
def test_a_sweep_goes_on_behind_mail_of_a_clock_that_was_ahead(post, monkeypatch, young):
    monkeypatch.setattr(retention, "BATCH", 10)
    post.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45) INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at, acked_at) "
        f"SELECT i, 'alice', 'bob', 9, '', 'message', iif(i <= {young}, 9000000000000, i), i FROM n"
    )
    post.crash_broker()
    sweep_ends(post)
    assert ids(post) == [*range(1, young + 1), 45]


def test_a_reply_to_a_swept_message_has_no_parent(post):
    parent = post.send("alice", "bob").id
    post.send("alice", "carol")
    post.recv("bob")
    post.ack("bob")
    swept(post, 31 * DAY)
    post.send("bob", "alice", in_reply_to=parent)
    assert post.recv("alice").messages[0].in_reply_to is None


def test_a_turn_is_dropped_with_its_messages_when_its_figures_are(post):
    post.send("alice", "bob")
    post.recv("bob")
    turns.begin(post.directory, "bob", [1], post.clock.now_ms())
    swept(post, 89 * DAY)
    assert turns.begin(post.directory, "bob", [], post.clock.now_ms()) == 2
    swept(post, 2 * DAY)
    assert post.sql("SELECT number FROM agent_turns") == [(2,)]
    assert post.sql("SELECT 1 FROM turn_messages") == []
    assert turns.begin(post.directory, "bob", [], post.clock.now_ms()) == 3
