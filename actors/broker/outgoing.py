"""What leaves the broker after a commit: replies to the clients that wait, and events for the operator. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from actors.broker.commit import Committed
from actors.broker.failed.failure import Failure
from actors.broker.plan import CommitPlan, Delivery
from actors.broker.queries import message
from harness.wire.agent_api import RecvReply
from harness.wire.times import from_ms

Event = tuple[str, dict[str, Any]]


def reply_to(delivery: Delivery, committed: Committed, failures: Mapping[int, Failure]) -> RecvReply:
    """The leased messages, in order."""
    messages = [message(committed.delivered[id_]) for id_ in delivery.ids]
    if len(messages) == 1 and (failure := failures.get(messages[0].id)) is not None:
        messages[0] = messages[0].model_copy(update={"attempts": failure.attempts})
    return RecvReply(messages=messages, remaining=delivery.remaining)


def events(plan: CommitPlan, committed: Committed) -> Iterator[Event]:
    """What the commit changed: every new message, then every delivery, then every acknowledgement."""
    now = from_ms(plan.now_ms)
    for one in plan.messages:
        parent, thread = committed.replies.get(one.id, (None, one.id))
        yield (
            "message",
            {
                "id": one.id,
                "from": one.sender,
                "to": one.recipient,
                "body": one.body,
                "sent_at": now,
                "in_reply_to": parent,
                "broadcast": one.broadcast,
                "redelivered": False,
                "kind": one.kind.value,
                "undelivered": False,
                "thread": thread,
                "cause": one.cause,
            },
        )
    for delivery in plan.deliveries:
        if delivery.ids:
            yield "delivered", {"ids": delivery.ids, "to": delivery.wait.name}
    for id_, failure in plan.failures.items():
        if failure is None:
            yield "dead_letter", {"id": id_, "set_aside": False}
        elif failure.set_aside_ms is not None:
            yield "dead_letter", {"id": id_, "to": failure.recipient, "reason": failure.reason, "set_aside": True}
    for name, ids in plan.acked:
        yield "acked", {"ids": ids, "to": name}
