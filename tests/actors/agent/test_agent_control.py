"""The desk between the operator and a harness: nothing is handed out twice, late or to nobody."""

from actors.agent.control import ControlDesk, Order
from actors.supervision import Promise
from harness.wire.agent_api import Command


def desk(**known):
    return ControlDesk(**{"told_paused": False, **known})


def listening(at, key="ear"):
    ear = Promise()
    at.listen(key, ear)
    return ear


def order(action="cancel"):
    return Order(Command(action=action), Promise())


def told(ear):
    assert ear.done
    reply = ear.get(timeout=0)
    return [command.action for command in reply.commands], reply.paused


def test_the_first_question_of_a_harness_is_answered_at_once_so_that_it_knows_of_the_pause():
    at = ControlDesk(paused=True)
    assert told(listening(at)) == ([], True)
    assert not listening(at).done


def test_an_order_reaches_an_ear_that_listens_and_is_taken_then():
    at = desk()
    ear, cancel = listening(at), order()
    at.order(cancel)
    assert told(ear) == (["cancel"], False)
    assert cancel.taken.done


def test_orders_wait_for_an_ear_and_come_in_order():
    at = desk()
    first, second = order("compact"), order("model")
    at.order(first)
    at.order(second)
    assert not first.taken.done
    assert told(listening(at)) == (["compact", "model"], False)


def test_an_order_that_was_withdrawn_is_never_handed_out():
    at = desk()
    late = order()
    at.order(late)
    assert at.withdraw(late, TimeoutError())
    assert isinstance(late.taken.error, TimeoutError)
    assert not listening(at).done
    assert not at.withdraw(late, TimeoutError())


def test_a_pause_wakes_the_ear_and_is_said_once():
    at = desk()
    ear = listening(at)
    at.set_paused(paused=True)
    assert told(ear) == (["pause"], True)
    at.set_paused(paused=True)
    assert not listening(at).done


def test_a_pause_while_nobody_listens_is_told_with_the_next_question():
    at = desk()
    at.set_paused(paused=True)
    assert told(listening(at)) == ([], True)


def test_a_pause_that_was_taken_back_unheard_is_not_told():
    at = desk()
    at.set_paused(paused=True)
    at.set_paused(paused=False)
    assert not listening(at).done


def test_an_ear_whose_time_is_over_hears_that_there_is_nothing():
    at = desk()
    ear = listening(at)
    at.over("ear")
    assert told(ear) == ([], False)
    at.over("ear")


def test_what_was_handed_to_a_client_that_had_gone_is_offered_again_first():
    at = desk()
    ear = listening(at)
    at.order(order("compact"))
    (compact,) = ear.get(timeout=0).commands
    at.order(order("model"))
    at.deaf("ear", (compact,))
    assert told(listening(at)) == (["compact", "model"], False)


def test_when_the_harness_has_ended_waiting_orders_fail_and_ears_are_released():
    at = desk()
    ear = listening(at)
    at.clear(RuntimeError("gone"))
    assert told(ear) == ([], False)
    waiting = order()
    at.order(waiting)
    at.clear(RuntimeError("gone"))
    assert str(waiting.taken.error) == "gone"
    assert told(listening(at)) == ([], False)
