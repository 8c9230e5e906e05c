"""The second act: what the operator decides in it, and what must have come of it. Pure.

The manager prepares a newcomer and a change of an existing agent. The operator approves the one and denies the other
with a note, answers the newcomer's question, and the newcomer's reminder fires.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from actors.cli import output
from actors.cli.demo.story import BOB, broker_name
from harness.wire.names import MANAGER, OPERATOR

NEWCOMER = "carol"
REQUEST = (
    "We need somebody who greets newcomers: please prepare carol. And give bob a bigger model if you think he needs it."
)
NOTE = "haiku writes welcomes well enough"
ANSWER = "warmly"
EXPECTED_LINE = "+allowedRecipients"
"""In the diff of the newcomer's configuration: the operator sees what it may do before it exists."""


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve this proposal."""

    id: int
    agent: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Deny this proposal, with the reason."""

    id: int
    agent: str
    note: str = NOTE


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this question."""

    id: int
    answer: str = ANSWER


Decision = Approve | Deny | Answer


@dataclass(frozen=True, slots=True)
class Review:
    """What the operator saw of a proposal before the decision: its diff, and the author of its commit."""

    diff: str
    author: str


@dataclass(slots=True)
class Decisions:
    """Everything that happened so far, as the event stream told it.

    `request` is the id of the operator's message, 0 before it was sent.
    """

    request: int = 0
    approvals: dict[int, dict[str, Any]] = field(default_factory=dict)
    questions: dict[int, dict[str, Any]] = field(default_factory=dict)
    reminders: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    acked: set[int] = field(default_factory=set)
    reviews: dict[int, Review] = field(default_factory=dict)
    done: set[Decision] = field(default_factory=set)
    over: bool = False
    """The act has ended; later events do not belong to it."""

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

    def due(self) -> list[Decision]:
        """What the operator decides next; each decision is due once."""
        due: list[Decision] = [
            Approve(row["id"], row["agent"]) if row["agent"] == NEWCOMER else Deny(row["id"], row["agent"])
            for row in self.approvals.values()
            if row["status"] == "pending"
        ]
        due += [
            Answer(row["id"])
            for row in self.questions.values()
            if row["status"] == "pending" and row["target"] == OPERATOR
        ]
        return [one for one in due if one not in self.done]

    def missing(self) -> list[str]:
        """What has not happened yet; empty when all is done."""
        lacking = self._missing_decisions() + self._missing_messages()
        if not any(row["agent"] == NEWCOMER and row.get("sent_at") for row in self.reminders.values()):
            lacking.append(f"no reminder of {NEWCOMER} fired")
        mail = {number for number, one in self.messages.items() if number >= self.request and one["to"] != OPERATOR}
        waiting = len(mail - self.acked)
        return lacking + ([f"{waiting} messages are not dealt with"] if waiting else [])

    def _missing_decisions(self) -> list[str]:
        lacking = []
        for agent, kind, status in ((NEWCOMER, "spawn", "approved"), (BOB, "apply_commit", "denied")):
            row = next((one for one in self.approvals.values() if (one["agent"], one["kind"]) == (agent, kind)), None)
            if row is None:
                lacking.append(f"{MANAGER} did not propose {agent} ({kind})")
                continue
            review = self.reviews.get(row["id"])
            if row["status"] != status:
                lacking.append(f"the proposal of {agent} is {row['status']}, not {status}")
            if review is None or not review.diff:
                lacking.append(f"the operator saw no diff of {agent}")
            elif agent == NEWCOMER and EXPECTED_LINE not in review.diff:
                lacking.append(f"the diff of {agent} does not show what it may do")
            if review is not None and broker_name(review.author) != MANAGER:
                lacking.append(f"the commit of {agent} is by {review.author}, not by {MANAGER}")
        return lacking

    def _missing_messages(self) -> list[str]:
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
            f"{MANAGER} did not pass the note on": any(NOTE in body for body in self._bodies(MANAGER, OPERATOR)),
            f"{NEWCOMER} did not greet {OPERATOR}": bool(self._bodies(NEWCOMER, OPERATOR)),
            f"{NEWCOMER} did not get the answer": any(
                (one["event"], one.get("answer")) == ("question_answered", ANSWER) for one in events[NEWCOMER]
            ),
            f"{NEWCOMER} did not do what the answer says": any(
                ANSWER in body for body in self._bodies(NEWCOMER, OPERATOR)
            ),
        }
        return [sentence for sentence, happened in told.items() if not happened]

    def _bodies(self, sender: str, to: str) -> list[str]:
        later = (one for number, one in self.messages.items() if number > self.request)
        return [one["body"] for one in later if (broker_name(one["from"]), broker_name(one["to"])) == (sender, to)]

    def _events(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {MANAGER: [], NEWCOMER: []}
        for one in self.messages.values():
            if one.get("kind") == "event" and broker_name(one["to"]) in found:
                found[broker_name(one["to"])].append(json.loads(one["body"]))
        return found


HEADER = ("", "WHAT", "BY", "COMMIT", "OUTCOME", "NOTE")


def rows(decisions: Decisions) -> list[tuple[str, ...]]:
    """Each proposal, question and reminder, and its outcome."""
    shown: list[tuple[str, ...]] = []
    for number, row in sorted(decisions.approvals.items()):
        review = decisions.reviews.get(number)
        author = output.one_line(review.author, 20) if review else "-"
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
