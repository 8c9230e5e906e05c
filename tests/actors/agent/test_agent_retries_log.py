"""What the log says of an agent that is looked at again: the first time after an ordinary stop is no warning."""

import logging

import pytest

from actors.agent.registry.reconciler import Reconciler
from actors.agent.registry.retries import Retries


class Registry:
    """The parts of the registry that a pause uses."""

    def tell_after(self, _seconds, _message):
        return self

    def cancel(self):
        pass


@pytest.fixture
def reconciler():
    bare = Reconciler.__new__(Reconciler)
    bare._registry, bare._retries = Registry(), Retries()
    return bare


def test_the_first_look_after_a_stop_is_no_warning_and_the_second_in_a_row_is(reconciler, caplog):
    caplog.set_level(logging.INFO)
    for _ in range(2):
        reconciler.retry_later("alice", "it is stopped", ordinary=True)
        reconciler._retries.taken("alice")
    assert [one.levelname for one in caplog.records] == ["INFO", "WARNING"]


def test_the_first_look_after_a_failure_is_a_warning(reconciler, caplog):
    reconciler.retry_later("alice", "it did not start")
    assert [one.levelname for one in caplog.records] == ["WARNING"]
