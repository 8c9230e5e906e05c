"""Failed turns: counted for each message, told of, and at last set aside until the operator decides."""

import json

import pytest

from actors.broker import api as broker
from actors.broker.messages import FailTurn
from actors.supervision import settle
from harness.wire.errors import HiveError
from harness.wire.limits import NEW_SESSION_AFTER, SET_ASIDE_AFTER
from tests.actors.broker.kit import Post


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def fail(post, name, times=1, reason="it does not work", *, outage=False):
    for _ in range(times):
        taken = post.recv(name, 32).messages
        reply = broker.fail_turn(post.directory, name, reason=reason, outage=outage)
        post.requeue(name)
    return taken, reply


def events(post, name):
    found = [json.loads(one.body) for one in broker.recent(post.directory, name, 200) if one.kind == "event"]
    return [one["event"] for one in found], found


def dead(post):
    return [row.id for row in broker.dead_letters(post.directory)]


def test_a_failure_is_counted_with_its_reason_and_survives_a_crash_of_the_broker(post):
    post.send("alice", "bob")
    fail(post, "bob", 2, "first\nsecond line")
    for _ in range(2):
        failing = broker.counts(post.directory)["bob"].failing
        assert (failing.attempts, failing.reason, failing.since_ms) == (2, "first\nsecond line", post.clock.now_ms())
        post.crash_broker()
    assert post.recv("bob").messages[0].attempts == 2
    post.ack("bob")
    assert broker.counts(post.directory)["bob"].failing is None
    assert post.sql("SELECT count(*) FROM failed_messages") == [(0,)]


def test_the_sixth_failure_sets_a_message_aside_tells_its_sender_and_frees_the_next(post):
    poison, good = post.send("alice", "bob", "poison").id, post.send("carol", "bob", "good").id
    post.recv("bob", 1)
    broker.fail_turn(post.directory, "bob", reason="no", outage=False)
    post.requeue("bob")
    taken, reply = fail(post, "bob", SET_ASIDE_AFTER - 1, "still no")
    assert ([one.id for one in taken], reply.set_aside) == ([poison], [poison])
    post.crash_broker()
    assert [one.id for one in post.recv("bob", 32).messages] == [good]
    (row,) = broker.dead_letters(post.directory)
    assert (row.id, row.from_, row.to, row.body, row.attempts, row.reason) == (
        poison, "alice", "bob", "poison", SET_ASIDE_AFTER, "still no",
    )  # fmt: skip
    assert broker.counts(post.directory)["bob"].dead == 1
    told, (event,) = events(post, "alice")
    assert told == ["message_set_aside"]
    assert (event["id"], event["agent"], event["reason"]) == (poison, "bob", "still no")


def test_the_manager_is_told_once_before_a_message_is_set_aside(post):
    post.send("alice", "bob")
    fail(post, "bob", NEW_SESSION_AFTER - 1)
    assert events(post, "manager")[0] == []
    fail(post, "bob", SET_ASIDE_AFTER - NEW_SESSION_AFTER + 1)
    assert events(post, "manager")[0] == ["turn_failed"]


def test_a_message_that_failed_shares_no_turn_so_that_no_other_is_blamed(post):
    ids = [post.send("alice", "bob", body).id for body in "abc"]
    taken, _ = fail(post, "bob")
    assert [one.id for one in taken] == ids, "the first try is on all of them"
    for number in ids:
        assert [one.id for one in post.recv("bob", 32).messages] == [number]
        post.ack("bob")
    assert broker.counts(post.directory)["bob"].failing is None


def test_an_outage_is_counted_and_sets_nothing_aside(post):
    post.send("alice", "bob")
    _, reply = fail(post, "bob", 50, "overloaded", outage=True)
    assert (reply.attempts, reply.set_aside, dead(post)) == (0, [], [])
    assert broker.counts(post.directory)["bob"].failing.attempts == 50
    assert events(post, "manager")[0] == []


def test_the_operator_has_a_dead_letter_tried_again_or_drops_it(post):
    ids = [post.send("alice", "bob", body).id for body in ("again", "never")]
    for _ in ids:
        fail(post, "bob", SET_ASIDE_AFTER + 1)
    fail(post, "bob", SET_ASIDE_AFTER - 1)
    assert dead(post) == ids
    assert post.bodies("bob") == []
    broker.revive(post.directory, ids[0])
    broker.drop(post.directory, ids[1])
    post.crash_broker()
    assert dead(post) == []
    (again,) = post.recv("bob", 9).messages
    assert (again.id, again.redelivered, again.attempts) == (ids[0], True, 0)
    for act in (broker.revive, broker.drop):
        with pytest.raises(HiveError, match="dead letter"):
            act(post.directory, ids[1])


def test_a_container_that_crashes_in_the_turn_counts_and_one_that_is_killed_does_not(post):
    post.send("alice", "bob")
    post.recv("bob")
    broker.requeue_later(post.directory, "bob")
    assert broker.counts(post.directory)["bob"].failing is None
    post.recv("bob")
    broker.requeue_later(post.directory, "bob", failure="out of memory")
    settle()
    post.status("bob")
    assert broker.counts(post.directory)["bob"].failing.reason == "out of memory"
    assert post.status("bob") == (1, 0)


def test_mail_of_the_system_that_is_set_aside_tells_nobody_and_a_sender_outside_neither(post):
    broker.wake(post.directory, name="bob", from_="webhook", body="ping")
    fail(post, "bob", SET_ASIDE_AFTER)
    assert len(dead(post)) == 1
    assert events(post, "bob")[0] == []


def test_a_dead_letter_outlives_the_keep_window(post):
    from actors.broker import queries

    number = post.send("alice", "bob").id
    post.send("alice", "carol")
    fail(post, "bob", SET_ASIDE_AFTER)
    post.send("alice", "carol")
    post.clock.advance(400 * 24 * 3600)
    post.sql("SELECT 1")
    from actors.store import api as store

    store.write(post.directory, lambda c: queries.sweep(c, post.clock.now_ms(), post.clock.now_ms(), 0, 100)).get(
        timeout=5
    )
    assert dead(post) == [number]


def test_the_next_owner_of_a_name_has_no_dead_letter_of_the_one_before(post):
    for body in ("one", "two"):
        post.send("alice", "bob", body)
    fail(post, "bob", SET_ASIDE_AFTER)
    fail(post, "bob", SET_ASIDE_AFTER - 2)
    broker.end_generation(post.directory, "bob")
    broker.begin_generation(post.directory, "bob")
    for _ in range(2):
        counts = broker.counts(post.directory).get("bob")
        assert dead(post) == []
        assert counts is None or (counts.failing, counts.dead, counts.pending) == (None, 0, 0)
        post.crash_broker()
    assert [one.body for one in broker.undelivered(post.directory)] == ["one", "two"]


def test_two_recipients_that_fail_in_one_commit_are_told_of_once_each(post):
    for name in ("bob", "carol"):
        post.send("alice", name, f"to {name}")
        fail(post, name, SET_ASIDE_AFTER - 1)
        post.recv(name)
    both = [post.directory.ask_later("broker", FailTurn(name, "no", outage=False)) for name in ("bob", "carol")]
    assert all(len(promise.get(timeout=5).set_aside) == 1 for promise in both)
    told, found = events(post, "alice")
    assert told == ["message_set_aside"] * 2
    assert {one["agent"] for one in found} == {"bob", "carol"}


def test_an_outage_after_the_third_failure_tells_the_manager_nothing_again(post):
    post.send("alice", "bob")
    fail(post, "bob", NEW_SESSION_AFTER)
    fail(post, "bob", 5, "overloaded", outage=True)
    assert events(post, "manager")[0] == ["turn_failed"]
