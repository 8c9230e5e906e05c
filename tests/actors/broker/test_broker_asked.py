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
