"""Where the harness keeps a file from one start to the next."""

import logging
from typing import Protocol

log = logging.getLogger(__name__)


class Storage(Protocol):
    """One file. It is always whole: the content is replaced at once or not at all."""

    def load(self) -> bytes | None:
        """The content; None where there is none."""
        ...

    def save(self, content: bytes) -> None:
        """Replace the content. OSError when it cannot be stored."""
        ...

    def put_aside(self) -> None:
        """Give the file another name, with the time. OSError when that cannot be done."""
        ...


def put_aside(storage: Storage, reason: Exception) -> str:
    """Put a damaged file aside; what has become of it, in words for a person."""
    shown = " ".join(str(reason).split())[:200]
    try:
        storage.put_aside()
    except OSError as error:  # a shim of before: the next save replaces the file
        log.warning("a damaged file stays where it is: %s", error)
        return f"it could not be read ({shown})"
    return f"it could not be read ({shown}) and was put aside under a name with the time"
