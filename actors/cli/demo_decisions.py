"""The demo's second act: what the operator decides in it, and what must have come of it. Pure.

The manager prepares a newcomer and a change for an agent that exists. The operator approves the one and denies the
other with a note, answers the newcomer's question, and the newcomer's reminder fires.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from actors.cli import output
from actors.cli.demo_story import MANAGER, OPERATOR, WRITER, speaker

NEWCOMER = "carol"
REQUEST = (
    "We need somebody who greets newcomers: please prepare carol. And give bob a bigger model if you think he needs it."
)
NOTE = "haiku writes welcomes well enough"
ANSWER = "warmly"
EXPECTED_LINE = "+allowedRecipients"
"""A diff of the newcomer's configuration shows this: the operator sees what it may do before it exists."""


@dataclass(frozen=True, slots=True)
class Approve:
    """Say yes to this proposal."""

    id: int
    agent: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Say no to this proposal, and why."""

    id: int
    agent: str
    note: str = NOTE


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this question."""

    id: int
    answer: str = ANSWER


Act = Approve | Deny | Answer


@dataclass(frozen=True, slots=True)
class Look:
    """What the operator saw of a proposal before deciding: its diff, and who made the commit."""

    diff: str
    author: str


@dataclass(slots=True)
class Decisions:
    """Everything that happened so far, as the event stream told it. `request` is a message's id; 0: not asked yet."""

    request: int = 0
    approvals: dict[int, dict[str, Any]] = field(default_factory=dict)
    questions: dict[int, dict[str, Any]] = field(default_factory=dict)
    reminders: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    acked: set[int] = field(default_factory=set)
    looks: dict[int, Look] = field(default_factory=dict)
    done: set[Act] = field(default_factory=set)
    over: bool = False
    """The act has ended; what comes now is not its business."""

    def take(self, event: dict[str, Any]) -> None:
        """Remember what belongs to this act."""
        if self.over:
            return
        data = event["data"]
        match event["kind"]:
            case "message":
                self.messages[data["id"]] = data
            case "acked":
                self.acked |= set(data["ids"])
            case "approval":
                self.approvals[data["id"]] = data
            case "question":
                self.questions[data["id"]] = data
            case "reminder":
                self.reminders[data["id"]] = self.reminders.get(data["id"], {}) | data

    def due(self) -> list[Act]:
        """What the operator does next; each is due once."""
        acts: list[Act] = [
            Approve(row["id"], row["agent"]) if row["agent"] == NEWCOMER else Deny(row["id"], row["agent"])
            for row in self.approvals.values()
            if row["status"] == "pending"
        ]
        acts += [
            Answer(row["id"])
            for row in self.questions.values()
            if row["status"] == "pending" and row["target"] == OPERATOR
        ]
        return [act for act in acts if act not in self.done]

    def missing(self) -> list[str]:
        """What has not happened yet; empty when all is done."""
        lacking = self._proposals() + self._letters()
        if not any(row["agent"] == NEWCOMER and row.get("sent_at") for row in self.reminders.values()):
            lacking.append(f"no reminder of {NEWCOMER} fired")
        mail = {number for number, one in self.messages.items() if number >= self.request and one["to"] != OPERATOR}
        waiting = len(mail - self.acked)
        return lacking + ([f"{waiting} messages are not dealt with"] if waiting else [])

    def _proposals(self) -> list[str]:
        lacking = []
        for agent, kind, status in ((NEWCOMER, "spawn", "approved"), (WRITER, "apply_commit", "denied")):
            row = next((one for one in self.approvals.values() if (one["agent"], one["kind"]) == (agent, kind)), None)
            if row is None:
                lacking.append(f"nobody proposed {agent} ({kind})")
                continue
            look = self.looks.get(row["id"])
            if row["status"] != status:
                lacking.append(f"the proposal of {agent} is {row['status']}, not {status}")
            if look is None or not look.diff:
                lacking.append(f"the operator saw no diff of {agent}")
            elif agent == NEWCOMER and EXPECTED_LINE not in look.diff:
                lacking.append(f"the diff of {agent} does not show what it may do")
            if look is not None and speaker(look.author) != MANAGER:
                lacking.append(f"the commit of {agent} is by {look.author}, not by {MANAGER}")
        return lacking

    def _letters(self) -> list[str]:
        events = self._events()
        told = {
            f"{MANAGER} did not hear that {NEWCOMER} is there": any(
                (one["event"], one.get("agent"), one.get("ok")) == ("spawned", NEWCOMER, True)
                for one in events[MANAGER]
            ),
            f"{MANAGER} did not hear of the denial and its note": any(
                (one["event"], one.get("status"), one.get("note")) == ("approval_resolved", "denied", NOTE)
                for one in events[MANAGER]
            ),
            f"{MANAGER} did not pass the note on": any(NOTE in body for body in self._between(MANAGER, OPERATOR)),
            f"{NEWCOMER} did not greet {OPERATOR}": bool(self._between(NEWCOMER, OPERATOR)),
            f"{NEWCOMER} did not get the answer": any(
                (one["event"], one.get("answer")) == ("question_answered", ANSWER) for one in events[NEWCOMER]
            ),
            f"{NEWCOMER} did not do what the answer says": any(
                ANSWER in body for body in self._between(NEWCOMER, OPERATOR)
            ),
        }
        return [sentence for sentence, happened in told.items() if not happened]

    def _between(self, sender: str, to: str) -> list[str]:
        later = (one for number, one in self.messages.items() if number > self.request)
        return [one["body"] for one in later if (speaker(one["from"]), speaker(one["to"])) == (sender, to)]

    def _events(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {MANAGER: [], NEWCOMER: []}
        for one in self.messages.values():
            if one.get("kind") == "event" and speaker(one["to"]) in found:
                found[speaker(one["to"])].append(json.loads(one["body"]))
        return found


HEADER = ("", "WHAT", "BY", "COMMIT", "OUTCOME", "NOTE")


def rows(decisions: Decisions) -> list[tuple[str, ...]]:
    """What was proposed, asked and set, and what became of it."""
    shown: list[tuple[str, ...]] = []
    for number, row in sorted(decisions.approvals.items()):
        look = decisions.looks.get(number)
        author = output.one_line(look.author, 20) if look else "-"
        note = output.one_line(row["note"] or "", 60)
        commit = (row["sha"] or "-")[:12]
        shown.append((f"approval #{number}", f"{row['kind']} {row['agent']}", author, commit, row["status"], note))
    for number, row in sorted(decisions.questions.items()):
        what, asker = output.one_line(row["question"], 60), output.plain(row["asker"])
        shown.append((f"question #{number}", what, asker, "-", row["status"], output.one_line(row["answer"] or "", 60)))
    for number, row in sorted(decisions.reminders.items()):
        outcome = "fired" if row.get("sent_at") else "waits"
        what, owner = output.one_line(row.get("message", ""), 60), output.plain(row.get("agent", "-"))
        shown.append((f"reminder #{number}", what, owner, "-", outcome, ""))
    return shown
