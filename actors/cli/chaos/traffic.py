"""The messages that a campaign sends while it injects faults, and what became of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actors.cli.client import ConnectionClosedError, DaemonClient
from harness.wire.errors import ErrorCode, HiveError

REPLY_SECONDS = 20.0
PAGE = 1000


class Traffic:
    """Sends to each agent in turn. What was acknowledged is remembered; a refused message is not a lost one."""

    def __init__(self, socket: Path, agents: Sequence[str]) -> None:
        self._socket = socket
        self._agents = agents
        self.acknowledged: list[int] = []
        self.refused = 0
        self.unclear = 0
        """Messages whose reply was lost: they may or may not be stored."""

    def send(self) -> None:
        """One message to the next agent."""
        number = len(self.acknowledged) + self.refused + self.unclear
        to = self._agents[number % len(self._agents)]
        try:
            reply = self.ask("send", to=to, body=f"Message {number} under chaos.")
        except HiveError as error:
            if error.code is ErrorCode.TIMEOUT or isinstance(error, ConnectionClosedError):
                self.unclear += 1
            else:
                self.refused += 1
        else:
            self.acknowledged.append(reply["id"])

    def ask(self, cmd: str, **arguments: Any) -> dict[str, Any]:
        """One request on a new connection: a fault may have cut the last one."""
        with DaemonClient(self._socket, reply_seconds=REPLY_SECONDS) as daemon:
            return daemon.request(cmd, **arguments)

    def unfinished(self) -> list[str]:
        """The agents that still have mail, and how much; HiveError while the daemon cannot tell."""
        rows = self.ask("agent_status")["agent_statuses"]
        mine = [row for row in rows if row["name"] in self._agents]
        if any(row["pending"] is None for row in mine):
            raise HiveError(ErrorCode.UNAVAILABLE, "the broker cannot count the mail at the moment")
        return [
            f"{row['name']} ({row['state']}): {row['pending']} pending, {row['leased']} in a turn"
            for row in mine
            if row["pending"] or row["leased"]
        ]

    def lost(self) -> list[int]:
        """The acknowledged messages that are not stored."""
        stored: set[int] = set()
        before: int | None = None
        first = min(self.acknowledged, default=0)
        while self.acknowledged:
            rows = self.ask("messages", limit=PAGE, before=before)["messages"]
            # A page has what fits into a frame, which can be fewer than were asked for: only an empty one is the last.
            page = {message["id"] for message in rows if before is None or message["id"] < before}
            stored |= page
            if not page or min(page) <= first:
                break
            before = min(page)
        return [id_ for id_ in self.acknowledged if id_ not in stored]
