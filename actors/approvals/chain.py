"""The decision log: rows of which each carries the hash of the one before. Pure.

Changing, removing or inserting a row breaks the chain from there on. Removing rows at the end does not; a copy of the
last hash, kept elsewhere, shows that too.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

FIRST = "0" * 64
"""The first row carries this in place of a hash."""


class Verdict(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    """Approved before, and taken back before it was in force."""
    OPENED = "opened"
    """No verdict on a proposal: the operator has opened a terminal."""


TERMINAL = "terminal"
"""The kind of an entry that is about no approval, whose `approval_id` is 0: who opened which terminal."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what about which commit, and when (milliseconds UTC)."""

    id: int
    at_ms: int
    approval_id: int
    agent: str
    kind: str
    verdict: str
    sha: str | None
    decided_by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A decision in its place: the hash of the row before and its own."""

    decision: Decision
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first row that is not as it was written, and how that shows."""

    id: int
    reason: str


def link(decision: Decision, previous: str) -> Link:
    """The row that follows the one with hash `previous`."""
    return Link(decision, previous, hash_of(decision, previous))


def hash_of(decision: Decision, previous: str) -> str:
    """SHA-256, in hex, over the previous hash and every field, as canonical JSON."""
    text = json.dumps([previous, asdict(decision)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def verify_chain(links: Iterable[Link]) -> Break | None:
    """None when every row follows from the one before it, with no gap in the ids; else the first that does not."""
    previous, expected = FIRST, 1
    for one in links:
        if one.decision.id != expected:
            return Break(one.decision.id, f"decision {expected} is missing before it")
        if one.previous != previous:
            return Break(one.decision.id, "it does not follow the decision before it")
        if one.hash != hash_of(one.decision, previous):
            return Break(one.decision.id, "it is not what was written")
        previous, expected = one.hash, expected + 1
    return None
