"""The links on the way to a program. A sandbox shows the program's folders, and each link on the way must be in one."""

from collections.abc import Iterable, Iterator
from pathlib import Path

SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/nix/store")))
"""What every sandbox shows of the host's system."""
MAX_LINKS = 40
"""As the kernel has it (`path_resolution(7)`)."""


def trouble_on_the_way(program: Path, shown: Iterable[Path]) -> str | None:
    """Why a sandbox that shows these folders cannot follow the links to this program; None when it can."""
    visible = (*shown, *SYSTEM)
    on_the_way = list(links(program))
    if not program.exists():
        if not on_the_way:
            return f"{program} does not exist"
        link, place = on_the_way[-1]
        return f"{program} is a chain of links that ends at {link}, which leads to {place}, and that does not exist"
    for link, place in on_the_way:
        if not any(place.is_relative_to(folder) for folder in visible):
            return f"{program} goes over the link {link} to {place}, which a sandbox does not show"
    return None


def links(path: Path) -> Iterator[tuple[Path, Path]]:
    """Every link on the way to `path`, in order, and the place it leads to."""
    here, ahead, seen = Path("/"), list(path.absolute().parts[1:]), 0
    while ahead and seen < MAX_LINKS:
        part = ahead.pop(0)
        if part == "..":
            here = here.parent
            continue
        step = here / part
        if not step.is_symlink():
            here = step
            continue
        seen += 1
        target = step.readlink()
        if target.is_absolute():
            here, rest = Path("/"), target.parts[1:]
        else:
            rest = target.parts
        yield step, Path(_joined(here, rest))
        ahead = [*rest, *ahead]


def _joined(here: Path, rest: tuple[str, ...]) -> str:
    place = here
    for part in rest:
        place = place.parent if part == ".." else place / part
    return str(place)
