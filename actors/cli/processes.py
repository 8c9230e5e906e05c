"""The processes of this machine as /proc shows them: their children, programs, environments and open files."""

import contextlib
from pathlib import Path

MODULE_WORDS = 7
"""Within so many words a command line names the module of hive that it runs."""


def children(pid: int) -> list[int]:
    """The direct children of a process, those that other threads started or that it adopted included."""
    found: list[int] = []
    for task in _folders(Path(f"/proc/{pid}/task")):
        with contextlib.suppress(OSError):
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, parents first."""
    found: list[int] = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def program_below(pid: int, program: str) -> int | None:
    """The first process below `pid` that runs `program`; None when there is none."""
    return next((one for one in descendants(pid) if runs(command(one), program)), None)


def runs(words: list[str], program: str) -> bool:
    """Whether a command line runs this program, or this module of hive."""
    # A script has its interpreter first: either of the two words may name the program.
    return any(Path(word).name == program for word in words[:2]) or (
        "." in program and program in words[2:MODULE_WORDS]
    )


def zombies(pid: int) -> list[int]:
    """The children that have ended and that `pid` has not waited for."""
    return [child for child in children(pid) if _state(child) == "Z"]


def open_files(pid: int) -> int:
    """How many files a process has open; OSError when it is gone or belongs to another user."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def with_environment(entries: set[str]) -> list[str]:
    """The processes that have one of these `NAME=value` entries in their environment, as lines `pid command`."""
    return [
        f"{folder.name} {' '.join(_words(folder / 'cmdline'))[:80]}"
        for folder in _folders(Path("/proc"))
        if folder.name.isdigit() and entries & set(_words(folder / "environ"))
    ]


def command(pid: int) -> list[str]:
    """The command line of a process; empty when it is gone."""
    return _words(Path(f"/proc/{pid}/cmdline"))[:-1]


def environment(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it is gone or belongs to another user."""
    pairs = (word.partition("=") for word in _words(Path(f"/proc/{pid}/environ")))
    return {name: value for name, sign, value in pairs if sign}


def _folders(parent: Path) -> list[Path]:
    try:
        return list(parent.iterdir())
    except OSError:
        return []


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").split("\0")
    except OSError:
        return []


def _state(pid: int) -> str:
    try:
        # The name of the program, in brackets before the state, may contain brackets itself.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""
