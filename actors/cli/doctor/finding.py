"""What a check of `hive doctor` has found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: `bad` means that the hive or its agents cannot work, and `hive doctor` exits with 1."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `hint` is the way out."""

    check: str
    level: Level
    text: str
    hint: str | None = None
