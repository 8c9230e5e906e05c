"""The files of `static/`, at addresses that change with their content and may be cached for ever.

All of them share one hash in their path, so that the relative imports of the scripts contain it too. Only the files
that exist at the start are served: no path of a request reaches the disk.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from web.http.compression import ASSET_LEVEL, LEAST_BYTES, compressible, gzipped

FOLDER = Path(__file__).parents[1] / "static"
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
SCRIPT = "text/javascript; charset=utf-8"
TYPES = {".js": SCRIPT, ".mjs": SCRIPT, ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """The content of one file."""

    body: bytes
    content_type: str
    packed: bytes | None
    """The body in gzip's format; None for a file that is short, or compressed by its nature."""

    @classmethod
    def read(cls, path: Path) -> "Asset":
        body, content_type = path.read_bytes(), _type_of(path)
        worth = compressible(content_type) and len(body) >= LEAST_BYTES
        return cls(body, content_type, gzipped(body, ASSET_LEVEL) if worth else None)


class Assets:
    """The files below `folder` at the start of the process; a change needs a restart."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): Asset.read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        }
        digest = hashlib.blake2b(digest_size=8)
        for name, asset in self._files.items():
            digest.update(name.encode() + b"\0" + asset.body + b"\0")
        self.digest = digest.hexdigest()

    def url(self, name: str) -> str:
        """The address of the file `name`."""
        return f"/static/{self.digest}/{name}"

    def has(self, name: str) -> bool:
        return name in self._files

    def find(self, digest: str, name: str) -> Asset | None:
        """The file, when `digest` is the current hash."""
        return self._files.get(name) if digest == self.digest else None


def _type_of(path: Path) -> str:
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
