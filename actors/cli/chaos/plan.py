"""Which fault comes next: drawn from a seed, within budgets. Pure.

A supervisor gives up on a child that ends too often. That is its duty and not what a campaign looks for, so each place
has a budget below its supervisor's restart intensity, and a claude is not killed so often that its harness waits for
minutes before it tries again.
"""

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

PAUSE_SECONDS = (0.2, 1.6)


class Kind(StrEnum):
    """The closed set of faults."""

    ACTOR = "actor"
    """An actor of the tree is ended, whatever it does at that moment."""
    HARNESS = "harness"
    CLAUDE = "claude"
    CONTAINER = "container"
    WEB = "web"
    DISK = "disk"
    """The daemon can write to no file for a moment."""
    PROXY = "proxy"
    """The way to the model and to the internet is killed."""
    WEDGE = "wedge"
    """A process hangs for a while."""
    CLOCK = "clock"
    """The daemon's wall clock jumps, and back."""
    DAEMON = "daemon"
    """The daemon is killed, and started again as it was."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: how long to wait, and two numbers from 0 to 1 that choose the kind and the target."""

    pause_seconds: float
    kind: float
    target: float


@dataclass(frozen=True, slots=True)
class Target:
    """One possible fault. `place` names the budget that it is charged to."""

    kind: Kind
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `times` faults within `seconds`."""

    times: int
    seconds: float


BUDGETS = {
    "root": Budget(5, 60.0),
    "agents": Budget(1, 60.0),
    "gateway": Budget(6, 60.0),
    "agent": Budget(3, 60.0),
    "claude": Budget(1, 30.0),
    "web": Budget(4, 60.0),
    "disk": Budget(1, 12.0),
    "proxy": Budget(2, 60.0),
    "wedge": Budget(1, 10.0),
    "clock": Budget(1, 15.0),
    "daemon": Budget(1, 45.0),
}
"""By the first word of a place, such as `agent alice`. The restart intensities are 10, 10 and 5 a minute."""


def draws(seed: int) -> Iterator[Draw]:
    """The endless sequence of draws of a seed."""
    dice = random.Random(seed)  # noqa: S311 — to be reproducible is the point
    while True:
        yield Draw(dice.uniform(*PAUSE_SECONDS), dice.random(), dice.random())


@dataclass(slots=True)
class Spending:
    """The faults of each place, as moments (monotonic seconds)."""

    moments: dict[str, deque[float]] = field(default_factory=dict)

    def allows(self, place: str, now: float) -> bool:
        """Whether one more fault is within the budget of the place."""
        budget = BUDGETS[place.partition(" ")[0]]
        moments = self.moments.setdefault(place, deque())
        while moments and now - moments[0] > budget.seconds:
            moments.popleft()
        return len(moments) < budget.times

    def charge(self, place: str, now: float) -> None:
        """Count one fault."""
        self.moments.setdefault(place, deque()).append(now)


def choose(draw: Draw, targets: Sequence[Target], spending: Spending, now: float) -> Target | None:
    """The target of a draw: first a kind, then one of that kind, so that the many actors do not crowd out the rest."""
    within = [one for one in targets if spending.allows(one.place, now)]
    kinds = [kind for kind in Kind if any(one.kind is kind for one in within)]
    if not kinds:
        return None
    kind = kinds[int(draw.kind * len(kinds))]
    candidates = [one for one in within if one.kind is kind]
    return candidates[int(draw.target * len(candidates))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """What there is to disturb beside the actors of the tree."""

    agents: Mapping[str, str]
    """The container of each agent that runs, by its name."""
    claudes: Sequence[str] = ()
    """The agents with a claude now."""
    web: bool = False
    proxy: bool = False
    clock: bool = False
    """Whether the daemon's clock can be moved."""
    daemon: bool = False
    """Whether the daemon may be killed."""


def targets(tree: dict[str, Any], possible: Possible) -> list[Target]:
    """Every possible target in this tree."""
    agents, claudes = possible.agents, possible.claudes
    found = [Target(Kind.DISK, "the daemon's files", "disk"), *_hung(possible)]
    if possible.web:
        found.append(Target(Kind.WEB, "web", "web"))
    if possible.proxy:
        found.append(Target(Kind.PROXY, "proxy", "proxy"))
    if possible.clock:
        found.append(Target(Kind.CLOCK, "the daemon's clock", "clock"))
    if possible.daemon:
        found.append(Target(Kind.DAEMON, "the daemon", "daemon"))
    for agent, container in agents.items():
        place = f"agent {agent}"
        found += [Target(kind, agent, place) for kind in (Kind.HARNESS, Kind.CONTAINER)]
        found += [Target(Kind.ACTOR, f"agents/{container}/{actor}", place) for actor in ("container", "socket")]
    found += [Target(Kind.CLAUDE, agent, f"claude {agent}") for agent in claudes]
    for child in tree["children"]:
        if child["restart"] == "permanent" and child["name"] != "web":
            # The end of the agents' supervisor ends the registry of the agents too: two faults at once.
            place = "agents" if child["name"] == "agents" else "root"
            found.append(Target(Kind.ACTOR, child["name"], place))
        if child["name"] == "gateway":
            found += [Target(Kind.ACTOR, f"gateway/{one['name']}", "gateway") for one in child["children"]]
    return found


def _hung(possible: Possible) -> list[Target]:
    """The processes that can hang, one at a time."""
    words = [f"harness {agent}" for agent in possible.agents] + [f"claude {agent}" for agent in possible.claudes]
    words += ["web"] * possible.web + ["proxy"] * possible.proxy + ["daemon"]
    return [Target(Kind.WEDGE, word, "wedge") for word in words]
