"""`session.json`: what the harness keeps from one start to the next."""

import json

from pydantic import BaseModel, ConfigDict

from harness.storage import Storage, put_aside


class SavedSession(BaseModel):
    """The content of the file: Claude's session and the operator's choice of model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    session_id: str | None = None
    model: str | None = None
    """None means the model of the configuration."""


class SessionFile:
    """`session.json` among the harness's files. A damaged one is put aside; `trouble` says so, None in good order."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.trouble: str | None = None
        self.saved = self._load()

    def save(self, **changes: str | None) -> None:
        """Change fields of `saved` and write the file."""
        saved = self.saved.model_copy(update=changes)
        if saved == self.saved:
            return
        self.saved = saved
        self._storage.save(saved.model_dump_json().encode())

    def _load(self) -> SavedSession:
        try:
            content = self._storage.load()
            return SavedSession() if content is None else SavedSession.model_validate(json.loads(content))
        except (OSError, ValueError, RecursionError) as error:  # without its id the session cannot be resumed anyway
            self.trouble = f"session.json was damaged: {put_aside(self._storage, error)}; a new session begins"
            return SavedSession()
