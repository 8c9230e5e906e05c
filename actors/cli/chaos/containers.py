"""The containers of a hive as its run_dir tells of them, and what the dead ones left running."""

import contextlib
import json
from pathlib import Path

from actors.cli import processes


class Containers:
    """Every container that was ever seen, by the id that each process inside has in its environment."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._seen: set[str] = set()

    def observe(self) -> set[str]:
        """The ids of the present containers; they are remembered."""
        present: set[str] = set()
        for record in self._run_dir.glob("agents/*/container.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                present.add(json.loads(record.read_text())["id"])
        self._seen |= present
        return present

    def orphans(self) -> list[str]:
        """The processes of containers that are gone, as lines `pid command`."""
        gone = self._seen - self.observe()
        return processes.with_environment({f"HIVE_CONTAINER_ID={one}" for one in gone})
