"""What the harness remembers from one start to the next: Claude's session and the operator's choice of model."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Kept(BaseModel):
    """The content of `session.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    session_id: str | None = None
    model: str | None = None
    """Chosen by the operator; None: the configuration's."""


class SessionFile:
    """`session.json` in the harness directory, always whole: written beside and renamed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.kept = self._load()

    def keep(self, **changes: str | None) -> None:
        """Change fields and write the file."""
        kept = self.kept.model_copy(update=changes)
        if kept == self.kept:
            return
        self.kept = kept
        part = self._path.with_suffix(".part")
        part.write_text(kept.model_dump_json(), encoding="utf-8")
        part.replace(self._path)

    def _load(self) -> Kept:
        try:
            return Kept.model_validate(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Kept()
        except (ValueError, ValidationError):  # a file nobody can read is a session nobody can resume
            return Kept()
