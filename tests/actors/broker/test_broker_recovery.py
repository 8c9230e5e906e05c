"""What is left after a crash of the broker, of the store, and of the disk."""

import pytest

from actors.broker import api as broker
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import SupervisionError
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.broker.kit import Post
from tests.actors.store.test_store_trouble import no_file_may_grow
from tests.waiting import until


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def test_a_new_broker_knows_everything_that_was_acknowledged(post):
    broker.register(post.directory, name="bob", role="agent", allowed_recipients=["alice"])
    ids = [post.send("alice", "bob", body).id for body in "abcd"]
    post.recv("bob", 2)
    post.ack("bob")
    post.recv("bob", 1)
    post.crash_broker()
    assert post.status("bob") == (1, 1), "a lease stays a lease"
    assert broker.counts(post.directory)["bob"].leased_at == post.clock.now_ms(), "and says since when"
    assert post.requeue("bob") == 1
    assert [(message.id, message.redelivered) for message in post.recv("bob", 9).messages] == [
        (ids[2], True),
        (ids[3], False),
    ]
    assert post.send("alice", "bob").id == ids[-1] + 1
    with pytest.raises(HiveError, match="may not write"):
        post.send("bob", "carol")


def test_a_crash_fails_what_was_under_way_and_a_turn_in_progress_is_acked_afterwards(post):
    post.send("alice", "bob")
    post.recv("bob")
    waiter = post.long_poll("bob")
    post.crash_broker()
    with pytest.raises(SupervisionError):
        waiter.wait()
    assert post.ack("bob") == 1


def refuse(post):
    with pytest.raises((HiveError, SupervisionError)) as refusal:
        post.send("alice", "bob")
    return refusal.value


def test_while_the_store_is_away_senders_are_refused_and_long_polls_wait_on(post):
    waiter = post.long_poll("bob")
    post.stop("store")
    assert refuse(post).code == ErrorCode.UNAVAILABLE
    assert refuse(post).code == ErrorCode.UNAVAILABLE
    post.boot("store", StoreActor(paths={kind: post.folder / f"{kind}.sqlite" for kind in Database}))
    post.clock.advance(1)
    until(lambda: post.directory.actor("broker").state_word() == "running", "the broker has read its mail")
    sent = post.send("alice", "bob", "back again").id
    assert [message.id for message in waiter.wait().messages] == [sent]
    post.names.remove("store")
    post.names.insert(1, "store")


def test_a_disk_that_takes_nothing_refuses_clearly_and_loses_nothing(post):
    kept = post.send("alice", "bob", "kept").id
    waiter = post.long_poll("carol")
    with no_file_may_grow():
        with pytest.raises(HiveError) as refusal:
            for _ in range(5):
                post.send("alice", "carol", "x" * 60_000)
        assert (refusal.value.code, bool(refusal.value.hint)) == (ErrorCode.UNAVAILABLE, True)
    assert [message.id for message in post.recv("bob").messages] == [kept]
    assert not [message for message in broker.messages(post.directory) if message.id > kept and message.to != "carol"]
    post.send("alice", "carol", "after")
    first = waiter.wait().messages[0]
    assert first.to == "carol"


def test_a_lease_that_cannot_be_written_is_no_empty_inbox(post):
    sent = post.send("alice", "bob").id
    with no_file_may_grow():
        with pytest.raises(HiveError) as refusal:
            while True:
                post.recv("bob")
                post.requeue("bob")
        assert refusal.value.code is ErrorCode.UNAVAILABLE
        with pytest.raises(HiveError):
            post.long_poll("bob").wait()
    post.requeue("bob")
    assert [message.id for message in post.recv("bob").messages] == [sent]


def test_a_reply_given_back_while_the_disk_takes_nothing_is_given_back_later(post):
    post.send("alice", "bob")
    [message] = post.recv("bob").messages
    with no_file_may_grow():
        while True:
            try:
                post.send("alice", "carol", "x" * 60_000)
            except HiveError:
                break
        timers = post.clock.pending
        broker.give_back(post.directory, "bob", [message.id])
        until(lambda: post.clock.pending > timers, "it was refused and is to be tried again")
        assert post.status("bob") == (0, 1)
    post.clock.advance(1)
    until(lambda: post.status("bob") == (1, 0), "it is given back")
    assert post.recv("bob").messages[0].redelivered
