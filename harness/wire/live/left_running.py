"""What the turns of an agent have left running: processes that belong neither to its harness nor to its Claude."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.values import Count
from harness.wire.limits import MAX_COMMAND_CHARACTERS, MAX_LEFT_PROCESSES
from harness.wire.model import Record
from harness.wire.times import Timestamp


class LeftProcess(Record):
    """One process. The command is its own words, cut."""

    command: Annotated[str, Field(max_length=MAX_COMMAND_CHARACTERS)]
    started_at: Timestamp


class LeftRunning(Record):
    """Looked at after each turn, and whenever one of those that are named ends. The oldest are named."""

    kind: Literal["left_running"] = "left_running"
    count: Count
    processes: Annotated[list[LeftProcess], Field(max_length=MAX_LEFT_PROCESSES)] = []
