"""Limits of memory, cpu and processes by control groups, version 1 or 2, for any runtime.

`layout` and `settings` are pure and say what there is and what to write; `Cgroups` is the hand. One group per agent
at `<hierarchy>/<instance>/<name>` in every hierarchy, so that everything an agent started can also be found and
ended there, whatever it did to its sessions, parents and environment.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from actors.agent.config import memory_bytes
from harness.wire.agent_config import Limits
from harness.wire.errors import HiveError, unavailable

CONTROLLERS = ("memory", "cpu", "pids")
PERIOD_US = 100_000
"""Over how long a cpu limit is counted."""

END_SECONDS = 3.0
TRIES = 5
_PAUSE_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Place:
    """A hierarchy: where it is mounted, which group below that this process is in, what it controls."""

    mount: Path
    own: str
    version: int
    controllers: frozenset[str] = field(default_factory=frozenset)


def layout(mountinfo: str, own_groups: str) -> tuple[Place, ...]:
    """The hierarchies we make groups in, from /proc/self/mountinfo and /proc/self/cgroup. Pure.

    A version 1 hierarchy says what it controls in its mount options; that of version 2 does not. Named ones control
    nothing, but nspawn makes groups of its own in them, next to whatever group it is in.
    """
    own = _own_groups(own_groups)
    found: dict[Path, Place] = {}
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        words, kinds = left.split(), right.split()
        if len(words) < 5 or len(kinds) < 3 or kinds[0] not in {"cgroup", "cgroup2"}:
            continue
        root, mount = words[3], Path(words[4])
        if kinds[0] == "cgroup2":
            found[mount] = Place(mount, _below(own.get("", "/"), root), 2)
            continue
        options = set(kinds[2].split(",")) & own.keys()
        named = {option for option in options if option.startswith("name=")}
        if wanted := (options & set(CONTROLLERS)) | named:
            found[mount] = Place(mount, _below(own[min(wanted)], root), 1, frozenset(wanted - named))
    return tuple(found.values())


def settings(version: int, controller: str, limits: Limits) -> list[tuple[str, str]]:
    """The files to write for a limit, in order; none where it is not set. Pure."""
    if controller == "memory" and (memory := memory_bytes(limits.memory)) is not None:
        if version == 1:
            # Swap is counted with memory, so that a limit is not doubled by it; the kernel may count none.
            return [("memory.limit_in_bytes", str(memory)), ("memory.memsw.limit_in_bytes", str(memory))]
        return [("memory.max", str(memory)), ("memory.swap.max", "0")]
    if controller == "cpu" and limits.cpu is not None:
        quota = max(1000, round(limits.cpu * PERIOD_US))
        if version == 1:
            return [("cpu.cfs_period_us", str(PERIOD_US)), ("cpu.cfs_quota_us", str(quota))]
        return [("cpu.max", f"{quota} {PERIOD_US}")]
    if controller == "pids" and limits.pids is not None:
        return [("pids.max", str(limits.pids))]
    return []


OPTIONAL = {"memory.memsw.limit_in_bytes", "memory.swap.max"}
"""Not there where the kernel counts no swap, or has none."""


class Cgroups:
    """The groups of one hive's agents. Works for root, and for a user as far as the machine delegated groups to it."""

    def __init__(self, run_dir: Path, places: tuple[Place, ...] | None = None) -> None:
        self._instance = f"hive-{sha256(bytes(run_dir)).hexdigest()[:8]}"
        found = _of_this_process() if places is None else places
        self._places = found
        self._homes = {place: home for place in found if (home := _ours(place)) is not None}

    def describe(self, limits: Limits) -> dict[str, str]:
        """For each limit that is set: how it is enforced, or why it is not."""
        asked: Mapping[str, object] = limits.model_dump(exclude_none=True)
        said = {}
        for controller in CONTROLLERS:
            if controller in asked:
                place = self._controlling(controller)
                said[controller] = (
                    f"for everything it runs together (cgroup v{place.version})"
                    if place
                    else f"not enforced: {self._why_not(controller)}"
                )
        return said

    def enforces(self, controller: str) -> bool:
        """Whether a limit of this kind would hold."""
        return self._controlling(controller) is not None

    def trial(self) -> dict[str, str | None]:
        """For each controller: None where a limit can be set on a process here, else why not.

        A group is made as for an agent, a process is put into it, the limits are read back, and all of it is removed.
        """
        name, limits = f"trial-{os.getpid()}", Limits(memory=64 * 1024**2, cpu=0.5, pids=16)
        found = {one: None if self.enforces(one) else self._why_not(one) for one in CONTROLLERS}
        with contextlib.closing(_Waiting()) as process:
            try:
                for join in self.make(name, limits):
                    join.write_text(str(process.pid))
                groups = _own_groups(_text(Path(f"/proc/{process.pid}/cgroup")))
                found |= {one: self._unset(name, one, limits, groups) for one, why in found.items() if why is None}
            except (HiveError, OSError) as error:
                return {one: why or str(error) for one, why in found.items()}
            finally:
                self.remove(name)
        return found

    def _unset(self, name: str, controller: str, limits: Limits, groups: Mapping[str, str]) -> str | None:
        """Why a process in these groups does not have this limit after all; None when it has."""
        place = self._controlling(controller)
        assert place is not None
        folder = self._homes[place] / self._instance / name
        if not groups.get("" if place.version == 2 else controller, "").endswith(f"/{self._instance}/{name}"):
            return f"a process cannot be put into {folder}"
        for file, value in settings(place.version, controller, limits):
            if (there := _text(folder / file).strip()) != value and file not in OPTIONAL:
                return f"{folder / file} holds {there or 'nothing'}, not {value}"
        return None

    def _why_not(self, controller: str) -> str:
        """Why there is no group with this controller to write to."""
        said = f"there is no cgroup with {controller} to write to here"
        places = [place for place in self._places if place.version == 2 or controller in place.controllers]
        if not places:
            return f"{said}: none is mounted"
        place = places[0]
        if os.statvfs(place.mount).f_flag & os.ST_RDONLY:
            return f"{said}: {place.mount} is mounted read-only"
        if place not in self._homes:
            return f"{said}: none from {place.mount} down to {place.own} was delegated to uid {os.geteuid()}"
        return f"{said}: {self._homes[place]} cannot hand it down"

    def make(self, name: str, limits: Limits) -> list[Path]:
        """A fresh group with these limits; the `cgroup.procs` files a process joins it by. Ends what is left in it.

        HiveError when a limit that is set can be written here but was refused.
        """
        self.remove(name)
        for place, folder in self._folders(name):
            for _ in range(TRIES):
                # Whoever ends last takes the hive's own folder along, which may be now.
                with contextlib.suppress(FileNotFoundError, FileExistsError):
                    self._make(place, folder, limits)
                    break
        return self.joins(name)

    def _make(self, place: Place, folder: Path, limits: Limits) -> None:
        folder.parent.mkdir(exist_ok=True)
        controllers = sorted(self._controllers(place))
        if place.version == 2:
            for controller in controllers:
                _hand_down(folder.parent, controller)
        folder.mkdir(exist_ok=True)
        for controller in controllers:
            for file, value in settings(place.version, controller, limits):
                _set(folder / file, value)

    def joins(self, name: str) -> list[Path]:
        """The files through which a process gets into this agent's groups, as `make` left them."""
        return [folder / "cgroup.procs" for _, folder in self._folders(name)]

    def pids(self, name: str) -> set[int]:
        """The processes in this agent's groups and in those below, as the host numbers them."""
        return {pid for _, folder in self._folders(name) for group in _tree(folder) for pid in _procs(group)}

    def end_all(self, name: str) -> None:
        """SIGKILL everything in this agent's groups; returns when nothing is left. Blocks a few milliseconds."""
        deadline = time.monotonic() + END_SECONDS
        while (left := self.pids(name)) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)

    def remove(self, name: str) -> None:
        """End what is in this agent's groups and remove them, and the hive's own folder with the last of them."""
        self.end_all(name)
        for _, folder in self._folders(name):
            for group in reversed(_tree(folder)):
                with contextlib.suppress(OSError):
                    group.rmdir()
            with contextlib.suppress(OSError):
                folder.parent.rmdir()  # refused as long as another agent has a group in it

    def oom_kills(self, name: str) -> int:
        """How many processes of this agent the kernel killed for lack of memory since its last start."""
        place = self._controlling("memory")
        if place is None:
            return 0
        folder = self._homes[place] / self._instance / name
        file = "memory.oom_control" if place.version == 1 else "memory.events"
        words = dict(line.split() for line in _text(folder / file).splitlines())
        return int(words.get("oom_kill", 0))

    # ---- which hierarchy does what -----------------------------------------------------------------

    def _controlling(self, controller: str) -> Place | None:
        return next((place for place in self._homes if controller in self._controllers(place)), None)

    def _controllers(self, place: Place) -> frozenset[str]:
        """What our groups in this hierarchy can control; in version 2, what can be handed down to them."""
        if place.version == 1:
            return place.controllers
        home = self._homes[place]
        offered = set(_text(home / "cgroup.controllers").split()) & set(CONTROLLERS)
        return frozenset(controller for controller in offered if _hand_down(home, controller))

    def _folders(self, name: str) -> Iterator[tuple[Place, Path]]:
        for place, home in self._homes.items():
            yield place, home / self._instance / name


class _Waiting:
    """A process that does nothing until it is closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.pid = self._process.pid

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _hand_down(group: Path, controller: str) -> bool:
    """Version 2: let the groups below this one be controlled. False where that cannot be."""
    switch = group / "cgroup.subtree_control"
    try:
        if controller not in switch.read_text().split():
            switch.write_text(f"+{controller}")
    except OSError:
        return False  # EBUSY: processes live right there, as in a container whose root group is the hive's
    return True


def _own_groups(text: str) -> dict[str, str]:
    """Controller (or `name=…`, or '' for version 2) → the group this process is in."""
    own = {}
    for line in text.splitlines():
        _, controllers, group = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), group))
    return own


def _below(group: str, root: str) -> str:
    """The group as seen below a mount that shows only `root` of its hierarchy."""
    inner = Path(group)
    return str(Path("/") / inner.relative_to(root)) if inner.is_relative_to(root) else "/"


def _ours(place: Place) -> Path | None:
    """The highest group on our own way that we may make groups in and move processes within.

    For root the top, which is the same for every daemon that comes after; for a user what was delegated to it.
    """
    group = place.mount
    for part in ("", *Path(place.own).parts[1:]):
        group /= part
        switches = ("cgroup.procs", "cgroup.subtree_control")[: place.version]
        if os.access(group, os.W_OK) and all(os.access(group / switch, os.W_OK) for switch in switches):
            return group
    return None


def _of_this_process() -> tuple[Place, ...]:
    return layout(_text(Path("/proc/self/mountinfo")), _text(Path("/proc/self/cgroup")))


def _set(path: Path, value: str) -> None:
    try:
        path.write_text(value)
    except OSError as error:
        if not (path.name in OPTIONAL and not path.exists()):
            raise unavailable(f"the limit {path.name} = {value} was refused: {error.strerror}") from None


def _tree(folder: Path) -> list[Path]:
    """The group and all below it, outermost first; none when it is not there."""
    return [Path(found) for found, _, _ in os.walk(folder)]


def _procs(group: Path) -> list[int]:
    return [int(word) for word in _text(group / "cgroup.procs").split()]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a group that went away, or a kernel without control groups
