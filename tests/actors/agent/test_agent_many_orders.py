"""Orders for many agents at once: the registry is busy with the first ones while the others wait."""

import pytest

from actors.agent.registry.messages import GetGrace
from actors.agent.registry.orders import ordered
from actors.agent.registry.orders.ordered import Ordered
from actors.supervision import AskTimeout, FakeClock

GRACE_SECONDS = 3.0
START_SECONDS = 30.0


class BusyRegistry:
    """A directory whose registry carries out orders one after the other, and answers questions after them."""

    def __init__(self, clock, seconds_each):
        self.clock, self.seconds_each, self.free_at = clock, seconds_each, 0.0

    def ask_later(self, _to, message):
        seconds = 0.0 if isinstance(message, GetGrace) else self.seconds_each
        self.free_at = max(self.free_at, self.clock.monotonic()) + seconds
        return Answer(self, self.free_at)

    def pass_until(self, moment, timeout):
        left = max(0.0, moment - self.clock.monotonic())
        self.clock.advance(min(left, timeout))
        return left <= timeout


class Answer:
    def __init__(self, registry, at):
        self.registry, self.at = registry, at

    def wait(self, timeout):
        return self.registry.pass_until(self.at, timeout)

    def get(self):
        return GRACE_SECONDS


@pytest.fixture
def clock(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(ordered, "SYSTEM_CLOCK", clock)
    return clock


def give(clock, number, seconds_each):
    registry = BusyRegistry(clock, seconds_each)
    registry.free_at = clock.monotonic()
    return [Ordered(registry, f"a{one}", object(), seconds=START_SECONDS) for one in range(number)]


def test_no_order_is_given_up_while_the_registry_works_through_those_before_it(clock):
    for order in give(clock, 1_000, seconds_each=0.25):
        order.wait()


def test_an_order_is_given_up_when_its_time_is_over(clock):
    (order,) = give(clock, 1, seconds_each=START_SECONDS + GRACE_SECONDS + 1)
    with pytest.raises(AskTimeout):
        order.wait()
