"""The queue between the operator and a harness: nothing is handed out twice, late or to nobody."""

from actors.agent.container.command_queue import CommandQueue, QueuedCommand
from actors.supervision import Promise
from harness.wire.agent_api import Command


def queue(**known):
    return CommandQueue(**{"told_paused": False, **known})


def listening(at, key="poll"):
    reply = Promise()
    at.poll(key, reply)
    return reply


def queued(action="cancel"):
    return QueuedCommand(Command(action=action), Promise())


def told(reply):
    assert reply.done
    reply = reply.get(timeout=0)
    return [command.action for command in reply.commands], reply.paused


def test_the_first_question_of_a_harness_is_answered_at_once_so_that_it_knows_of_the_pause():
    at = CommandQueue(paused=True)
    assert told(listening(at)) == ([], True)
    assert not listening(at).done


def test_an_order_reaches_an_ear_that_listens_and_is_taken_then():
    at = queue()
    reply, cancel = listening(at), queued()
    at.put(cancel)
    assert told(reply) == (["cancel"], False)
    assert cancel.taken.done


def test_orders_wait_for_an_ear_and_come_in_order():
    at = queue()
    first, second = queued("compact"), queued("model")
    at.put(first)
    at.put(second)
    assert not first.taken.done
    assert told(listening(at)) == (["compact", "model"], False)


def test_an_order_that_was_withdrawn_is_never_handed_out():
    at = queue()
    late = queued()
    at.put(late)
    assert at.withdraw(late, TimeoutError())
    assert isinstance(late.taken.error, TimeoutError)
    assert not listening(at).done
    assert not at.withdraw(late, TimeoutError())


def test_a_pause_wakes_the_ear_and_is_said_once():
    at = queue()
    reply = listening(at)
    at.set_paused(paused=True)
    assert told(reply) == (["pause"], True)
    at.set_paused(paused=True)
    assert not listening(at).done


def test_a_pause_while_nobody_listens_is_told_with_the_next_question():
    at = queue()
    at.set_paused(paused=True)
    assert told(listening(at)) == ([], True)


def test_a_pause_that_was_taken_back_unheard_is_not_told():
    at = queue()
    at.set_paused(paused=True)
    at.set_paused(paused=False)
    assert not listening(at).done


def test_an_ear_whose_time_is_over_hpolls_that_there_is_nothing():
    at = queue()
    reply = listening(at)
    at.time_out("poll")
    assert told(reply) == ([], False)
    at.time_out("poll")


def test_what_was_handed_to_a_client_that_had_gone_is_offered_again_first():
    at = queue()
    reply = listening(at)
    at.put(queued("compact"))
    (compact,) = reply.get(timeout=0).commands
    at.put(queued("model"))
    at.disconnected("poll", (compact,))
    assert told(listening(at)) == (["compact", "model"], False)


def test_when_the_harness_has_ended_waiting_orders_fail_and_polls_are_released():
    at = queue()
    reply = listening(at)
    at.clear(RuntimeError("gone"))
    assert told(reply) == ([], False)
    waiting = queued()
    at.put(waiting)
    at.clear(RuntimeError("gone"))
    assert str(waiting.taken.error) == "gone"
    assert told(listening(at)) == ([], False)
