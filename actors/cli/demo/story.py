"""The first act: the manager delegates, alice and bob work and answer, the manager reports. Pure.

Events in, sentences about what is missing out.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from actors.cli import output
from harness.wire.names import MANAGER, MANAGER_CONTAINER, OPERATOR

ALICE, BOB = "alice", "bob"
CAST = (MANAGER, ALICE, BOB)

TOOLS = {ALICE: "Bash", BOB: "Write"}
"""The tool of Claude Code that each of the two must have used for its work."""

REQUEST = "Please find out what alice's sandbox looks like, have bob write a welcome, and report when both are done."
THANKS = "Thank you, {name}!"
"""Sent to each agent after the report. It needs no answer, so its turn costs what claude itself costs."""

THANKS_EACH = 3
"""A turn of 20 ms is easily disturbed; the median of three is not."""


@dataclass(slots=True)
class Story:
    """Everything that happened so far, as the event stream told it. `request` is the id of the operator's message."""

    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    turns: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in CAST})
    request: int = 0
    thanked: dict[str, int] = field(default_factory=dict)
    """How many turns each agent had ended when it was first thanked."""
    owed: dict[str, int] = field(default_factory=dict)
    """How many turns each thanked agent is to have ended by now."""
    talking: set[str] = field(default_factory=set)
    """The agents that have written to the operator and not ended that turn yet."""

    def take(self, event: dict[str, Any]) -> None:
        """Remember a `message` or a `turn` event; others do not belong to the story."""
        data = event["data"]
        match event["kind"]:
            case "message":
                self.messages[data["id"]] = data
                if data["to"] == OPERATOR:
                    self.talking.add(broker_name(data["from"]))
            case "turn":
                name = broker_name(data["agent"])
                self.turns.setdefault(name, []).append(data["stats"])
                self.talking.discard(name)

    def missing(self) -> list[str]:
        """What was asked for and has not happened yet; empty when all is done."""
        later = [message for number, message in self.messages.items() if number > self.request]
        routes = {(broker_name(message["from"]), broker_name(message["to"])) for message in later}
        lacking = [f"{MANAGER} did not write to {name}" for name in TOOLS if (MANAGER, name) not in routes]
        lacking += [f"{name} did not answer {MANAGER}" for name in TOOLS if (name, MANAGER) not in routes]
        lacking += [] if (MANAGER, OPERATOR) in routes else [f"{MANAGER} did not report to {OPERATOR}"]
        lacking += [f"the turn of {name} has not ended" for name in sorted(self.talking)]
        waiting = [name for name, owed in self.owed.items() if len(self.turns[name]) < owed]
        lacking += self._missing_turns() + self.failed_turns()
        return lacking + [f"{name} did not take note of the thanks" for name in waiting]

    def thank(self, name: str) -> None:
        """From now on, `name` is to have one more turn, and a warm one."""
        self.thanked.setdefault(name, len(self.turns[name]))
        self.owed[name] = len(self.turns[name]) + 1

    def failed_turns(self) -> list[str]:
        """The turns that did not end well; nothing that happens later mends that."""
        ends = [(name, turn["outcome"]) for name, turns in self.turns.items() for turn in turns]
        return [f"a turn of {name} ended {end}" for name, end in ends if end != "ok"]

    def _missing_turns(self) -> list[str]:
        lacking = [
            f"{name} did not use {tool}"
            for name, tool in TOOLS.items()
            if not any(tool in turn.get("tools", {}) for turn in self.turns[name])
        ]
        for name in CAST:
            kinds = {bool(turn["cold"]) for turn in self.turns[name]}
            # Claude of the manager is opened to check its first configuration, before any turn.
            lacking += [] if True in kinds or name == MANAGER else [f"{name} has no cold turn"]
            lacking += [] if False in kinds or name not in self.thanked else [f"{name} has no warm turn"]
        return lacking


def broker_name(name: str) -> str:
    """The name as the broker has it: the manager's container is not a second agent."""
    return MANAGER if name == MANAGER_CONTAINER else name


MESSAGE_HEADER = ("", "FROM", "TO", "BODY")


def message_rows(story: Story) -> list[tuple[str, ...]]:
    """Who sent what to whom, oldest first."""
    return [
        (f"#{number}", output.plain(message["from"]), output.plain(message["to"]), output.one_line(message["body"], 90))
        for number, message in sorted(story.messages.items())
    ]


TURN_HEADER = ("AGENT", "TURNS", "COLD", "WARM AT WORK", "WARM", "WARM/COLD", "TOOLS")


def turn_rows(story: Story) -> list[tuple[str, ...]]:
    """Per agent: the median of its cold turns, of its warm ones during the work of all, and of those for the thanks.

    Only the last had the machine to themselves, so they are compared with the cold ones.
    """
    rows: list[tuple[str, ...]] = []
    for name, turns in story.turns.items():
        before = story.thanked.get(name, len(turns))
        cold = [turn["duration_ms"] for turn in turns if turn["cold"]]
        busy = [turn["duration_ms"] for turn in turns[:before] if not turn["cold"]]
        quiet = [turn["duration_ms"] for turn in turns[before:] if not turn["cold"]]
        ratio = f"1/{median(cold) / max(median(quiet), 1):.0f}" if cold and quiet else "-"
        tools = sorted({tool.rpartition("__")[2] for turn in turns for tool in turn.get("tools", {})})
        rows.append((name, str(len(turns)), *map(_duration, (cold, busy, quiet)), ratio, ", ".join(tools)))
    return rows


def _duration(values: list[int]) -> str:
    return f"{median(values):.0f} ms" if values else "-"
