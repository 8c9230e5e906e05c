"""The promise that a client has asked for mail: how an agent shows that it is ready."""

import pytest

from actors.broker import api as broker
from actors.supervision import settle
from tests.actors.broker.kit import Post
from tests.waiting import SECONDS


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def test_the_next_recv_of_a_client_keeps_every_promise_about_it_and_no_other(post):
    now = post.clock.running_ms()
    first, second, other = (broker.asked_for_mail(post.directory, name, now) for name in ("bob", "bob", "carol"))
    settle()
    assert not first.done
    post.recv("bob")
    settle()
    assert first.done
    assert second.done
    assert not other.done


def test_a_client_that_waits_for_mail_counts_however_long_it_has_waited(post):
    waiter = post.long_poll("bob")
    post.clock.advance(30)
    assert broker.asked_for_mail(post.directory, "bob", post.clock.running_ms()).wait(SECONDS)
    waiter.cancel()


def test_an_ask_from_before_does_not_count(post):
    post.recv("bob")
    post.clock.advance(1)
    asked = broker.asked_for_mail(post.directory, "manager", post.clock.running_ms())
    later = broker.asked_for_mail(post.directory, "bob", post.clock.running_ms())
    settle()
    assert not later.done
    assert not asked.done
    post.long_poll("hm1nd").cancel()
    assert asked.wait(SECONDS)


@pytest.mark.parametrize("jump", [8 * 3600, -8 * 3600])
def test_a_clock_that_is_set_makes_no_old_ask_new_and_hides_no_new_one(post, jump):
    post.recv("bob")
    post.clock.advance(1)
    since = post.clock.running_ms()
    post.clock.step_wall(jump)
    old = broker.asked_for_mail(post.directory, "bob", since)
    settle()
    assert not old.done
    post.clock.advance(1)
    post.recv("bob")
    settle()
    assert old.done
    assert broker.asked_for_mail(post.directory, "bob", since).wait(SECONDS)


def test_mail_waits_from_its_coming_or_from_the_last_acknowledgement_in_running_time(post):
    def since():
        return broker.counts(post.directory)["bob"].waits_since

    assert since() is None
    post.clock.advance(5)
    post.send("alice", "bob")
    post.clock.suspend(8 * 3600)
    post.clock.advance(5)
    post.send("alice", "bob")
    assert since() == 5_000, "what came first waits longest"
    post.recv("bob")
    post.clock.advance(5)
    post.ack("bob")
    assert since() == 15_000, "another one waits since then"
    post.send("alice", "bob")
    assert since() == 15_000
