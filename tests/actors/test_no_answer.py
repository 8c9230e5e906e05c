"""A component that does not answer has refused nothing: no code takes "unknown" for "no".

A refusal is a `HiveError`; `NoAnswer` (a timeout, an actor that ended) says that nothing is known. That no handler of the
first lets the second pass unseen is a test of `tests/test_architecture.py`.
"""

import pykka
import pytest

from actors.supervision import Actor, AskTimeout, Directory, NoAnswer, Promise


class Mute(Actor):
    def handle(self, message):
        return self.promise()


def test_a_late_answer_is_no_answer_however_it_was_waited_for():
    directory = Directory()
    directory.boot(Mute(), "mute")
    try:
        with pytest.raises(NoAnswer):
            directory.ask("mute", "?", timeout=0.001)
        with pytest.raises(AskTimeout) as late:
            Promise().get(timeout=0.001)
        assert isinstance(late.value, pykka.Timeout)
    finally:
        directory.stop("mute")
    with pytest.raises(NoAnswer):
        directory.ask("mute", "?")
