"""The files of `static/`, served for ever under a name that changes with their content.

All of them hang below one hash, so that the scripts' relative imports of each other carry it along.
Only files found at the start are served: no path of a request ever reaches the disk.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    content_type: str


class Assets:
    """What is below `folder` now; a change needs a restart of the process."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): Asset(path.read_bytes(), _type_of(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        }
        digest = hashlib.blake2b(digest_size=8)
        for name, asset in self._files.items():
            digest.update(name.encode() + b"\0" + asset.body + b"\0")
        self.digest = digest.hexdigest()

    def url(self, name: str) -> str:
        """Where a browser finds `name`."""
        return f"/static/{self.digest}/{name}"

    def has(self, name: str) -> bool:
        return name in self._files

    def find(self, digest: str, name: str) -> Asset | None:
        """The file, if the hash is the current one."""
        return self._files.get(name) if digest == self.digest else None


def _type_of(path: Path) -> str:
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
