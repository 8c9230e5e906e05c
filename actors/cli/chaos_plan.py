"""What chaos does next: drawn from a seed, within budgets. Pure.

A supervisor gives up on what ends too often, which is its duty and not what is looked for here: each place has a
budget below what its supervisor bears, and a claude is not killed so often that its harness rests for minutes.
"""

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

PAUSE_SECONDS = (0.2, 1.6)


class Kind(StrEnum):
    """The closed set of things that can go wrong."""

    ROOM = "room"
    """A room of the tree is ended, whatever it does."""
    HARNESS = "harness"
    CLAUDE = "claude"
    CONTAINER = "container"
    WEB = "web"
    DISK = "disk"
    """The daemon can write to no file for a moment."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One throw of the dice: how long to wait, and two numbers from 0 to 1 that choose what and whom."""

    pause_seconds: float
    what: float
    whom: float


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be hit. `place` is whose budget pays for it."""

    kind: Kind
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `times` hits within `seconds`."""

    times: int
    seconds: float


BUDGETS = {
    "floor": Budget(5, 60.0),
    "agents": Budget(1, 60.0),
    "gateway": Budget(6, 60.0),
    "agent": Budget(3, 60.0),
    "claude": Budget(1, 30.0),
    "web": Budget(4, 60.0),
    "disk": Budget(1, 12.0),
}
"""By the first word of a place: `agent alice`. The supervisors bear 10, 10 and 5 a minute."""


def throws(seed: int) -> Iterator[Draw]:
    """Always the same ones for a seed, for ever."""
    dice = random.Random(seed)  # noqa: S311 — to be reproducible is the point
    while True:
        yield Draw(dice.uniform(*PAUSE_SECONDS), dice.random(), dice.random())


@dataclass(slots=True)
class Purse:
    """What has been spent in each place, as moments (monotonic seconds)."""

    spent: dict[str, deque[float]] = field(default_factory=dict)

    def affords(self, place: str, now: float) -> bool:
        """Whether one more hit is within the budget."""
        budget = BUDGETS[place.partition(" ")[0]]
        moments = self.spent.setdefault(place, deque())
        while moments and now - moments[0] > budget.seconds:
            moments.popleft()
        return len(moments) < budget.times

    def pay(self, place: str, now: float) -> None:
        """One hit."""
        self.spent.setdefault(place, deque()).append(now)


def choose(draw: Draw, targets: Sequence[Target], purse: Purse, now: float) -> Target | None:
    """Whom this throw hits: first a kind, then one of them, so that rooms do not crowd out the rest."""
    within = [one for one in targets if purse.affords(one.place, now)]
    kinds = [kind for kind in Kind if any(one.kind is kind for one in within)]
    if not kinds:
        return None
    kind = kinds[int(draw.what * len(kinds))]
    candidates = [one for one in within if one.kind is kind]
    return candidates[int(draw.whom * len(candidates))]


def targets(tree: dict[str, Any], *, web: bool, agents: Mapping[str, str], claudes: Sequence[str]) -> list[Target]:
    """What can be hit in this tree. `agents` are names and containers, `claudes` those with a claude at this moment."""
    found = [Target(Kind.DISK, "the daemon's files", "disk")]
    if web:
        found.append(Target(Kind.WEB, "web", "web"))
    for agent, container in agents.items():
        place = f"agent {agent}"
        found += [Target(kind, agent, place) for kind in (Kind.HARNESS, Kind.CONTAINER)]
        found += [Target(Kind.ROOM, f"agents/{container}/{room}", place) for room in ("container", "socket")]
    found += [Target(Kind.CLAUDE, agent, f"claude {agent}") for agent in claudes]
    for child in tree["children"]:
        if child["restart"] == "permanent" and child["name"] != "web":
            # The end of the agents' supervisor ends the roster too: two at once.
            place = "agents" if child["name"] == "agents" else "floor"
            found.append(Target(Kind.ROOM, child["name"], place))
        if child["name"] == "gateway":
            found += [Target(Kind.ROOM, f"gateway/{one['name']}", "gateway") for one in child["children"]]
    return found
