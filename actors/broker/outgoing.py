"""What leaves the broker after a commit: replies to those who wait and events for the operator. Pure."""

from collections.abc import Iterator
from typing import Any

from actors.broker.commit import Committed
from actors.broker.plan import Delivery, Plan
from actors.broker.queries import message
from harness.wire.agent_api import RecvReply
from harness.wire.times import from_ms

Event = tuple[str, dict[str, Any]]


def reply_to(delivery: Delivery, committed: Committed) -> RecvReply:
    """The leased messages in order."""
    messages = [message(committed.delivered[id_]) for id_ in delivery.ids]
    return RecvReply(messages=messages, remaining=delivery.remaining)


def events(plan: Plan, committed: Committed) -> Iterator[Event]:
    """What the commit changed: every new message, then who got what, then what is done."""
    now = from_ms(plan.now_ms)
    for id_, sender, to, _size, body, kind, _sent_at, in_reply_to, broadcast, _leased_at in plan.rows:
        parent = None if in_reply_to is None else committed.threads[id_]
        yield (
            "message",
            {
                "id": id_,
                "from": sender,
                "to": to,
                "body": body,
                "sent_at": now,
                "in_reply_to": parent,
                "broadcast": bool(broadcast),
                "redelivered": False,
                "kind": kind,
            },
        )
    for delivery in plan.deliveries:
        if delivery.ids:
            yield "delivered", {"ids": delivery.ids, "to": delivery.wait.name}
    for name, ids in plan.acked:
        yield "acked", {"ids": ids, "to": name}
