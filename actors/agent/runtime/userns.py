"""Whose uids an agent's files have on the host: one range of 65536 per agent, recorded, never given to another.

Container root is the first uid of its range, which is nobody on the host. Owns `userns.json` below the state dir.
"""

import errno
import fcntl
import json
import os
import stat
import struct
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from actors.agent.workspace.walk_tree import walk_tree
from actors.put_aside import put_aside

RANGE = 65536
"""Uids per agent. nspawn wants the base to be a multiple of it."""

FIRST = 0x80000
LAST = 0x6FFF0000
"""The bases systemd sets aside for containers on every machine (its UIDS-GIDS document)."""

RECORD = "userns.json"

ACL_DEFAULT = "system.posix_acl_default"
_ACL_VERSION = 2
_USER_OBJ, _GROUP_OBJ, _OTHER = 0x01, 0x04, 0x20
_ALL, _NO_ID = 0o7, 0xFFFFFFFF


def choose(seed: str, taken: Collection[int], foreign: Sequence[range]) -> int:
    """The base for a new agent: where `seed` points, or the next one that neither we nor the machine use. Pure."""
    slots = (LAST - FIRST) // RANGE + 1
    start = int.from_bytes(sha256(seed.encode()).digest()[:4], "big")
    for step in range(slots):
        base = FIRST + (start + step) % slots * RANGE
        ours = range(base, base + RANGE)
        if base not in taken and not any(other.start < ours.stop and ours.start < other.stop for other in foreign):
            return base
    raise ValueError(f"all {slots} ranges of uids are taken")


def foreign_ranges(subids: str, passwd: str) -> list[range]:
    """The uids that /etc/subuid, /etc/subgid and /etc/passwd give to others; lines that are none are skipped. Pure."""
    found = []
    for line in subids.splitlines():
        words = line.split(":")
        if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
            found.append(range(int(words[1]), int(words[1]) + int(words[2])))
    for line in passwd.splitlines():
        words = line.split(":")
        if len(words) > 2 and words[2].isdigit():
            found.append(range(int(words[2]), int(words[2]) + 1))
    return found


class Ranges:
    """The record of who has which range. Safe against other processes that allocate at the same time."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def base(self, name: str) -> int:
        """The first uid of this agent's range; drawn and written down when it is asked for the first time."""
        with _locked(self._state_dir / f"{RECORD}.lock"):
            known = self._read()
            if name not in known:
                # The state dir is part of the seed: two hives on one machine then hardly ever share a range.
                known[name] = choose(f"{self._state_dir}\0{name}", set(known.values()), _of_this_machine())
                self._write(known)
            return known[name]

    def _read(self) -> dict[str, int]:
        """A damaged record is put aside: the seed leads each agent to its range again, unless it had to step aside."""
        path = self._state_dir / RECORD
        try:
            content = json.loads(path.read_bytes())
            return {str(name): int(base) for name, base in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            put_aside(path, error, time.time_ns() // 1_000_000)
            return {}

    def _write(self, known: Mapping[str, int]) -> None:
        part = self._state_dir / f".{RECORD}.part"
        with part.open("w") as stream:
            json.dump(known, stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(self._state_dir / RECORD)


def is_given(folder: Path, base: int) -> bool:
    """Whether `folder` was given to this range: `give_all` changes the folder itself last."""
    return _is_in(folder.lstat(), base)


def give_all(folder: Path, base: int, *, exact: bool = False) -> None:
    """Move every owner at and below `folder` into the range at `base`, keeping the place within the range.

    With `exact` all of it goes to `base` itself, for an agent that has one uid. The walk follows no link. A file with a
    name outside of `folder` too keeps its owner: it is not only the agent's. Nothing of the agent may run meanwhile.
    """
    linked: dict[tuple[int, int], int] = {}
    for name, around, status in walk_tree(folder):
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            key = (status.st_dev, status.st_ino)
            linked[key] = linked.get(key, 0) + 1
            if linked[key] < status.st_nlink:
                continue  # its owner changes with the last of its names
        _shift(name, around, status, base, exact=exact)


def open_to_all(folder: Path) -> None:
    """Let everybody write to `folder` and to all that will be made in it, whatever the maker's umask.

    Agents have different uids and no group in common, so the space they share is one for everybody who can reach
    it; on the host nobody can, because the state dir is its owner's alone.
    """
    folder.chmod(0o777)
    entries = ((_USER_OBJ, _ALL), (_GROUP_OBJ, _ALL), (_OTHER, _ALL))
    packed = struct.pack("<I", _ACL_VERSION) + b"".join(struct.pack("<HHI", tag, perm, _NO_ID) for tag, perm in entries)
    try:
        os.setxattr(folder, ACL_DEFAULT, packed)
    except OSError as error:
        # A file system without ACLs: what one agent writes there the others can read, not change.
        if error.errno != errno.ENOTSUP:
            raise


def _is_in(status: os.stat_result, base: int) -> bool:
    return base <= status.st_uid < base + RANGE and base <= status.st_gid < base + RANGE


def _shift(name: str, folder: int, status: os.stat_result, base: int, *, exact: bool) -> None:
    uid, gid = (base, base) if exact else (_place(status.st_uid, base), _place(status.st_gid, base))
    if (uid, gid) != (status.st_uid, status.st_gid):
        # The kernel takes setuid and setgid bits away with the owner.
        os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)


def _place(number: int, base: int) -> int:
    return number if base <= number < base + RANGE else base + number % RANGE


def _of_this_machine() -> list[range]:
    subids = "\n".join(_text(Path(f"/etc/{name}")) for name in ("subuid", "subgid"))
    return foreign_ranges(subids, _text(Path("/etc/passwd")))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
