"""The mailbox: two lanes, one reader."""

import gevent
import pytest
from pykka._envelope import Envelope

from actors.supervision import Down, Exit, Mailbox, settle
from tests.waiting import SECONDS

NEWS = Down("a", Exit.normal())


@pytest.fixture
def mailbox():
    return Mailbox()


def put(mailbox, *messages):
    for message in messages:
        mailbox.put(Envelope(message))


def test_each_lane_keeps_its_order_and_the_system_goes_first(mailbox):
    put(mailbox, 1, NEWS, 2, NEWS)
    assert [envelope.message for envelope in mailbox.drain()] == [NEWS, NEWS, 1, 2]


def test_a_reader_waits_until_something_comes(mailbox):
    reader = gevent.spawn(mailbox.get)
    settle()
    put(mailbox, "hello")
    assert reader.get(timeout=SECONDS).message == "hello"


def test_a_killed_reader_takes_nothing_with_it(mailbox):
    reader = gevent.spawn(mailbox.get)
    settle()
    reader.kill(block=False)
    put(mailbox, "hello")
    settle()
    assert [envelope.message for envelope in mailbox.drain()] == ["hello"]


def test_it_knows_how_much_waits_and_for_how_long(clock):
    mailbox = Mailbox(clock.monotonic)
    assert (len(mailbox), mailbox.empty(), mailbox.oldest_seconds()) == (0, True, None)
    put(mailbox, "one")
    clock.advance(3)
    put(mailbox, NEWS)
    clock.advance(2)
    assert (len(mailbox), mailbox.empty(), mailbox.oldest_seconds()) == (2, False, 5)
