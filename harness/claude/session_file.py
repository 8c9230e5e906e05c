"""`session.json`: what the harness keeps from one start to the next."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class SavedSession(BaseModel):
    """The content of the file: Claude's session and the operator's choice of model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    session_id: str | None = None
    model: str | None = None
    """None means the model of the configuration."""


class SessionFile:
    """`session.json` in the harness directory. The file is always whole: a new one is written beside it and renamed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.saved = self._load()

    def save(self, **changes: str | None) -> None:
        """Change fields of `saved` and write the file."""
        saved = self.saved.model_copy(update=changes)
        if saved == self.saved:
            return
        self.saved = saved
        part = self._path.with_suffix(".part")
        part.write_text(saved.model_dump_json(), encoding="utf-8")
        part.replace(self._path)

    def _load(self) -> SavedSession:
        try:
            return SavedSession.model_validate(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return SavedSession()
        except (ValueError, ValidationError):  # without its id the session cannot be resumed anyway
            return SavedSession()
