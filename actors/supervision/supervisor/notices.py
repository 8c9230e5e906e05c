"""What a supervisor with a leader tells the actor that `Leader.notify` names."""

from dataclasses import dataclass

from actors.supervision.exits import Exit


@dataclass(frozen=True, slots=True)
class RestartPlanned:
    """The children that start next, at the reply, and whether the leader was ready."""

    supervisor: str
    leader_id: str
    leader_ready: bool
    child_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StayedDown:
    """A child failed to start in a rollout, and its supervisor does not try again."""

    supervisor: str
    child_id: str
    exit: Exit
