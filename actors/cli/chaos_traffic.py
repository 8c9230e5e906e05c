"""The mail that flows while chaos reigns, and what became of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actors.cli.client import HostClient
from harness.wire.errors import ErrorCode, HiveError

REPLY_SECONDS = 20.0
PAGE = 1000


class Traffic:
    """Sends to each agent in turn. What was acknowledged is remembered; a refusal is one, and no loss."""

    def __init__(self, socket: Path, agents: Sequence[str]) -> None:
        self._socket = socket
        self._agents = agents
        self.acknowledged: list[int] = []
        self.refused = 0
        self.unclear = 0
        """Sends whose answer was lost: they may or may not be there."""

    def send(self) -> None:
        """One message to the next agent."""
        number = len(self.acknowledged) + self.refused + self.unclear
        to = self._agents[number % len(self._agents)]
        try:
            reply = self.ask("send", to=to, body=f"Message {number} under chaos.")
        except HiveError as error:
            if error.code is ErrorCode.TIMEOUT or "ended the conversation" in error.message:
                self.unclear += 1
            else:
                self.refused += 1
        else:
            self.acknowledged.append(reply["id"])

    def ask(self, cmd: str, **arguments: Any) -> dict[str, Any]:
        """One request on a connection of its own: the last one may have been cut."""
        with HostClient(self._socket, reply_seconds=REPLY_SECONDS) as host:
            return host.request(cmd, **arguments)

    def unfinished(self) -> list[str]:
        """The agents that still have mail, and how much. Raises HiveError while the hive can not tell."""
        rows = self.ask("agent_status")["agent_statuses"]
        mine = [row for row in rows if row["name"] in self._agents]
        if any(row["pending"] is None for row in mine):
            raise HiveError(ErrorCode.UNAVAILABLE, "the broker can not tell just now")
        return [
            f"{row['name']} ({row['state']}): {row['pending']} pending, {row['leased']} in a turn"
            for row in mine
            if row["pending"] or row["leased"]
        ]

    def lost(self) -> list[int]:
        """Acknowledged messages that are not there."""
        stored: set[int] = set()
        before: int | None = None
        first = min(self.acknowledged, default=0)
        while self.acknowledged:
            page = self.ask("messages", limit=PAGE, before=before)["messages"]
            stored |= {message["id"] for message in page}
            if len(page) < PAGE or page[0]["id"] <= first:
                break
            before = page[0]["id"]
        return [id_ for id_ in self.acknowledged if id_ not in stored]
