"""Where the harness keeps a file from one start to the next."""

from typing import Protocol


class Storage(Protocol):
    """One file. It is always whole: the content is replaced at once or not at all."""

    def load(self) -> bytes | None:
        """The content; None where there is none."""
        ...

    def save(self, content: bytes) -> None:
        """Replace the content. OSError when it cannot be stored."""
        ...
