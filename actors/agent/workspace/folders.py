"""Folders in places that other users may write to, made and opened by way of handles: no link is followed.

Every step is opened from the handle of the one before and none may be a link, so it does not matter what is swapped
meanwhile: what is made, is made below the folder that was begun with.
"""

import errno
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.wire.errors import HiveError, conflict

log = logging.getLogger(__name__)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def make(root: Path, *steps: str) -> None:
    """Have a real folder at `root`/`steps`…; what is missing is made, for its owner only.

    `root` itself is the host's own. `conflict` when something that is no folder is in the way.
    """
    with opened(root, *steps, make_missing=True):
        pass


@contextmanager
def opened(root: Path, *steps: str, make_missing: bool = False) -> Iterator[int]:
    """A handle on that folder. `conflict` when there is something else; FileNotFoundError when there is nothing."""
    if make_missing:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, step in enumerate(steps):
            deeper = _step(here, step, root.joinpath(*steps[: number + 1]), make_missing=make_missing)
            os.close(here)
            here = deeper
        yield here
    finally:
        os.close(here)


def move(root: Path, source: Sequence[str], target: Sequence[str]) -> bool:
    """Move the folder at `root`/`source` to `root`/`target`; False when there is none, or one already where it belongs.

    Where it goes to is made, but for its last step.
    """
    try:
        with (
            opened(root, *source) as found,
            opened(root, *source[:-1]) as old,
            opened(root, *target[:-1], make_missing=True) as new,
        ):
            # An empty folder in its place is replaced; anything else there makes this fail.
            os.rename(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new)
            with opened(root, *target) as there:
                if not os.path.sameopenfile(found, there):
                    raise _in_the_way(root.joinpath(*target))
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            log.warning("not moved, because there is one already from=%s to=%s", source, target)
            return False
        raise conflict(
            f"{root.joinpath(*source)} cannot be moved to {root.joinpath(*target)}: {error.strerror}",
            "look at both, keep one, and move the other away",
        ) from None
    return True


def drop_empty(root: Path, *steps: str) -> bool:
    """Remove that folder when nothing is in it; False when there is something, or no such folder."""
    with suppress(OSError), opened(root, *steps[:-1]) as around:
        os.rmdir(steps[-1], dir_fd=around)
        return True
    return False


def _step(here: int, name: str, path: Path, *, make_missing: bool) -> int:
    if make_missing:
        with suppress(FileExistsError):
            os.mkdir(name, mode=0o700, dir_fd=here)
    try:
        return os.open(name, _FOLDER, dir_fd=here)
    except FileNotFoundError:
        raise
    except OSError:
        # An agent may have put a link in place of a folder: binding or filling it would do so to what it points to.
        raise _in_the_way(path) from None


def _in_the_way(path: Path) -> HiveError:
    return conflict(f"{path} is in the way: it is no folder", "look at it and move it away")
