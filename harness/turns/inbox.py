"""The agent's mail as the turn loop handles it: received, acknowledged, or requeued.

Owns the leases of the harness. Messages are leased by `recv` and stay so until `acknowledge` or `requeue`.
"""

import asyncio

from harness.daemon.client import DaemonClient
from harness.daemon.reconnect import reconnect_delay
from harness.wire.agent_api import (
    MAX_WAIT_SECONDS,
    AckReply,
    AckTurn,
    BeginTurn,
    BeginTurnReply,
    FailReply,
    FailTurn,
    Recv,
    RecvReply,
    RequeueInflight,
    RequeueReply,
    Status,
    StatusReply,
)
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.limits import MAX_REASON_CHARACTERS

DEPTH_TIMEOUT_SECONDS = 1.0
BEGIN_TIMEOUT_SECONDS = 5.0

_PERMANENT = frozenset({ErrorCode.BAD_REQUEST, ErrorCode.FORBIDDEN, ErrorCode.UNKNOWN_COMMAND})


class Inbox:
    """Waits for the daemon wherever the request may be repeated."""

    def __init__(self, client: DaemonClient) -> None:
        self._client = client

    async def receive(self) -> RecvReply:
        """The next mail, leased. Waits without end.

        Between turns nothing is leased on purpose, so a lost reply is answered by requeueing what it may have leased.
        """
        attempt = 0
        while True:
            try:
                reply = await self._client.call(Recv(wait_seconds=MAX_WAIT_SECONDS), RecvReply)
            except HiveError as error:
                if error.code in _PERMANENT:
                    raise
                await asyncio.sleep(reconnect_delay(attempt))
                attempt += 1
                await self.requeue()
                continue
            if reply.messages:
                return reply
            attempt = 0

    async def begin_turn(self, ids: list[int]) -> int | None:
        """A turn begins with these messages; its number, None when the daemon does not say so in time."""
        try:
            async with asyncio.timeout(BEGIN_TIMEOUT_SECONDS):
                reply = await self._client.call_until_answered(BeginTurn(message_ids=ids), BeginTurnReply)
        except (TimeoutError, HiveError):
            return None
        return reply.turn

    async def acknowledge(self) -> None:
        """Everything that is leased is done."""
        await self._client.call_until_answered(AckTurn(), AckReply)

    async def fail(self, reason: str, *, outage: bool) -> FailReply:
        """The turn on everything that is leased failed. What is not set aside stays leased."""
        request = FailTurn(reason=reason[:MAX_REASON_CHARACTERS], outage=outage)
        return await self._client.call_until_answered(request, FailReply)

    async def requeue(self) -> None:
        """Everything that is leased waits in the inbox again, marked as redelivered."""
        await self._client.call_until_answered(RequeueInflight(), RequeueReply)

    async def depth(self) -> int | None:
        """How many messages wait; None when the daemon does not say so in time."""
        try:
            status = await self._client.call(Status(), StatusReply, connect_timeout_seconds=DEPTH_TIMEOUT_SECONDS)
        except HiveError:
            return None
        return status.pending
