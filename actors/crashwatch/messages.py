"""What the crash watch is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """A container actor is up: watch it. Names are container names."""

    agent: str
