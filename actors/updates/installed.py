"""The revision of this hive as a container sees it: a digest of the files and versions that a container is made of.

These are the harness and its prompts, the runtimes, Python, and the libraries that the harness drives Claude Code with.
No other change in the daemon or the dashboard is a reason to restart an agent.
"""

import hashlib
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    "harness",
    "prompts",
    "actors/agent/runtime",
    "actors/agent/container/environment.py",
    "actors/agent/container/launch.py",
)
LIBRARIES = ("claude-agent-sdk", "mcp", "pydantic")
LENGTH = 16


def revision(root: Path = ROOT) -> str | None:
    """Hex digits, or None where the files cannot be read as files: then no agent counts as stale or current.

    Reads about a hundred small files in a few milliseconds; meant for the start of the daemon.
    """
    digest = hashlib.sha256()
    try:
        for part in PARTS:
            _add(digest, root, root / part)
        for library in LIBRARIES:
            digest.update(f"{library}={version(library)}\n".encode())
    except (OSError, PackageNotFoundError):
        return None
    digest.update(f"python={sys.version_info[:3]}\n".encode())
    return digest.hexdigest()[:LENGTH]


def _add(digest: "hashlib._Hash", root: Path, part: Path) -> None:
    files = [part] if part.suffix else sorted(path for path in part.rglob("*") if path.is_file())
    for path in files:
        if "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
            digest.update(content)
    if not files:
        raise FileNotFoundError(part)
