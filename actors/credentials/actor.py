"""The watch over `claude_api_key_file`. Absent where the settings name none.

Owns nothing but the watch. Promises: a key that is another one by now is used by agents that run and by the proxy, when
the file has been still for a moment. The scan of `updates` finds a change while no daemon ran.
"""

import logging
from pathlib import Path

from actors.agent.registry import api as agents
from actors.credentials.watch import FileWatch
from actors.events import emit
from actors.secrets.file_value import FileValue
from actors.supervision import Actor, Clock, Directory, Timer

log = logging.getLogger(__name__)

CREDENTIALS = "credentials"

SETTLE_SECONDS = 0.2
"""A file is emptied and then written by some editors: what follows within this time belongs to one change."""


class _Happened:
    """To itself: something happened where the file is."""


class _Settled:
    """To itself: nothing has happened for a moment."""


class CredentialsActor(Actor):
    """Tells the registry of a changed key; never what it is."""

    def __init__(self, key_file: Path, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._key_file = key_file
        self._read = FileValue(key_file)
        self._directory = directory
        self._watch: FileWatch | None = None
        self._timer: Timer | None = None
        self._value: str | None = None

    def on_start(self) -> None:
        try:
            self._watch = FileWatch(self._key_file, lambda: self.tell_self(_Happened()))
        except OSError as error:  # the kernel has no more watches for this user
            text = f"{self._key_file} cannot be watched: a changed key is used from the next start of an agent on"
            log.warning("%s error=%s", text, error)
            emit(self._directory, "notice", {"level": "warning", "text": text})
        self._value = self._read()

    def on_stop(self) -> None:
        self._close()

    def on_crash(self, exit_reason: object) -> None:  # noqa: ARG002
        self._close()

    def handle(self, message: object) -> None:
        match message:
            case _Happened() if self._timer is None:
                self._timer = self.tell_after(SETTLE_SECONDS, _Settled())
            case _Settled():
                self._timer = None
                self._look()

    def _look(self) -> None:
        """A file that is missing for a moment is being replaced; one that stays away is told of at the next start."""
        value = self._read()
        if value and value != self._value:
            self._value = value
            log.info("the API key has changed file=%s", self._key_file)
            agents.use_credentials(self._directory)

    def _close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
