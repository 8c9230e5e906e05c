"""Long polls: served by the commit that brings their mail, and never robbed of it."""

import gevent
import pytest

from actors.broker import api as broker
from actors.supervision import settle
from harness.wire.agent_api import MAX_WAIT_SECONDS
from tests.actors.broker.kit import Post
from tests.waiting import SECONDS


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def texts(reply):
    return [message.body for message in reply.messages]


def test_a_waiting_client_gets_the_message_that_comes_and_holds_its_lease(post):
    waiter = post.long_poll("bob")
    post.send("alice", "bob")
    assert texts(waiter.wait()) == ["hello"]
    assert post.status("bob") == (0, 1)
    assert post.sql("SELECT leased_at IS NOT NULL, redelivered FROM messages") == [(1, 0)]


def test_mail_that_is_there_is_not_waited_for(post):
    post.send("alice", "bob")
    assert texts(post.long_poll("bob").wait()) == ["hello"]


def test_the_client_that_waited_first_is_served_first(post):
    first, second = post.long_poll("bob"), post.long_poll("bob")
    post.send("alice", "bob", "one")
    post.send("alice", "bob", "two")
    assert (texts(first.wait()), texts(second.wait())) == (["one"], ["two"])


def test_a_batch_that_arrives_together_is_handed_over_together(post):
    waiter = post.long_poll("bob", count=3)
    posts = [broker.Post("system", "bob", str(number)) for number in range(5)]
    broker.post(post.directory, posts)
    reply = waiter.wait()
    assert (texts(reply), reply.remaining) == (["0", "1", "2"], 2)


def test_the_wait_ends_empty_when_its_time_is_over(post):
    waiter = post.long_poll("bob", wait_seconds=30)
    post.clock.advance(29.9)
    assert not waiter._promise.done
    post.clock.advance(0.2)
    assert waiter.wait().as_frame() == {"messages": [], "remaining": 0, "paused": False}
    post.send("alice", "bob")
    assert post.status("bob") == (1, 0)


def test_a_wait_is_cut_to_the_cap_of_the_wire(post):
    waiter = post.long_poll("bob", wait_seconds=10_000)
    post.clock.advance(MAX_WAIT_SECONDS + 1)
    assert waiter.wait().messages == []


def test_a_client_that_vanished_while_it_waited_consumes_nothing(post):
    gone, there = post.long_poll("bob"), post.long_poll("bob")
    gone.cancel()
    post.send("alice", "bob")
    assert texts(there.wait()) == ["hello"]
    assert gone.wait().messages == []
    assert post.recv("bob").messages == []


@pytest.mark.parametrize("turns", range(12))
def test_a_client_that_vanishes_at_any_moment_of_the_delivery_consumes_nothing(post, turns):
    """Whatever has happened by then: queued, planned, being committed, leased, or already handed over."""
    waiter = post.long_poll("bob")
    sending = gevent.spawn(post.send, "alice", "bob")
    for _ in range(turns):
        gevent.sleep(0)
    waiter.cancel()
    assert waiter.wait().messages == []
    sending.get(timeout=SECONDS)
    again = post.long_poll("bob")
    [message] = again.wait().messages
    assert message.body == "hello"
    assert post.status("bob") == (0, 1)


def test_a_wait_whose_time_ends_during_the_delivery_still_gets_it(post):
    waiter = post.long_poll("bob", wait_seconds=1)
    sending = gevent.spawn(post.send, "alice", "bob")
    while not post.directory.actor("broker")._busy:
        gevent.sleep(0)
    post.clock._seconds += 2
    for timer in list(post.clock._timers):
        if timer.function is not None and timer.due <= post.clock._seconds:
            timer.function()
            timer.cancel()
    reply = waiter.wait()
    sending.get(timeout=SECONDS)
    assert len(reply.messages) == post.status("bob")[1], "what is leased was handed over"
    assert len(reply.messages) + post.status("bob")[0] == 1


def test_requeued_mail_goes_to_the_client_that_waits(post):
    post.send("alice", "bob")
    post.recv("bob")
    waiter = post.long_poll("bob")
    post.requeue("bob")
    [message] = waiter.wait().messages
    assert message.redelivered


def test_no_wake_up_is_lost_between_looking_and_waiting(post):
    got = []

    def client():
        while len(got) < 200:
            reply = broker.long_poll(post.directory, name="bob", wait_seconds=5, max=7).wait()
            assert reply.messages, "mail was there and nobody was woken"
            got.extend(message.body for message in reply.messages)
            post.ack("bob")

    reader = gevent.spawn(client)
    writers = [gevent.spawn(lambda: [post.send("alice", "bob", "x") for _ in range(50)]) for _ in range(4)]
    gevent.joinall([reader, *writers], timeout=SECONDS, raise_error=True)
    assert len(got) == 200
    settle()
