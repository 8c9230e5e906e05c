"""The text of a file that changes rarely: read again when the file is another one or has another time stamp."""

from pathlib import Path


class FileValue:
    """Costs one look at the file while it stays as it is. None when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._value: str | None = None

    def __call__(self) -> str | None:
        try:
            status = self._path.stat()
            seen = (status.st_ino, status.st_size, status.st_mtime_ns)
            if seen != self._seen:
                self._value = self._path.read_text(encoding="utf-8").strip()
                self._seen = seen
        except (OSError, ValueError):
            self._seen = self._value = None
        return self._value
