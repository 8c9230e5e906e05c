"""The process between the shim of a root daemon and the sandbox.

A program of its own, standard library only, run with `-I -S`. It mounts what the agent will see in a mount namespace of
its own and then becomes systemd-nspawn, as root, or bwrap, as the agent's own uid. All mounts live in that namespace:
they go when the container goes, however it goes, and the host never sees one of them.

The root of an nspawn agent is an overlay: below, the shared image through an idmapped mount, so that what root owns on
the disk belongs to the agent's own range of uids; above, what this agent has written. Nothing is copied or chowned.

Takes one argument, JSON: `base` (the first uid of the range); `owner`: the agent's uid; `binds` (each a source, the
place where the sandbox will find it, `mapped`: whether the source's owner is the agent inside, `approved`: whether the
source is a path out of a configuration, which is opened step by step without following a link); `argv` of the sandbox,
empty for only trying all that out; `user`: the uid to become before. For an overlay: `root` (where nspawn expects the
root file system), and unless a copy is there already `image` (the lower folder) and `layer` (the folder with `upper`
and `work`; null for one in memory, which is gone with the container).
"""

import ctypes
import functools
import json
import os
import signal
import stat
import struct
import sys
from pathlib import Path

RUNTIME_FOLDER = Path("/run/systemd/nspawn")
"""Where nspawn keeps locks and mount points; each container gets an empty one of its own."""

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_SLAVE = 0x2, 0x4, 0x1000, 0x4000, 0x80000
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
AT_FDCWD, AT_EMPTY_PATH, OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH = -100, 0x1000, 1, 4
MOUNT_ATTR_NOSUID, MOUNT_ATTR_IDMAP, AT_RECURSIVE = 0x2, 0x100000, 0x8000
RANGE = 65536
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    orders = json.loads(sys.argv[1])
    shim = os.getppid()
    _checked(_libc.unshare(CLONE_NEWNS), "unshare")
    _mount(None, "/", None, MS_REC | MS_SLAVE, None)
    RUNTIME_FOLDER.mkdir(parents=True, exist_ok=True)
    _mount("tmpfs", str(RUNTIME_FOLDER), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    if "image" in orders:
        _overlay(orders["image"], orders["layer"], orders["base"], orders["root"])
    for source, place, mapped, approved in orders["binds"]:
        handle = _open(source) if approved else os.open(source, os.O_PATH | os.O_CLOEXEC)
        _bind(handle, Path(place), orders["owner"] if mapped else None)
        os.close(handle)
    if orders.get("user"):
        _become(orders["user"], shim)
    if orders["argv"]:
        os.execvp(orders["argv"][0], orders["argv"])  # noqa: S606 — the program as it was ordered, no shell wanted


def _overlay(image: str, layer: "str | None", base: int, root: str) -> None:
    if layer is None:
        layer = str(RUNTIME_FOLDER / "fresh")
        for name in ("upper", "work"):
            Path(layer, name).mkdir(parents=True)
        os.chown(Path(layer, "upper"), base, base)
    lower = RUNTIME_FOLDER / "lower"
    lower.mkdir()
    Path(root).mkdir()
    below = os.open(image, os.O_PATH | os.O_CLOEXEC)
    _mapped(below, lower, (0, base, RANGE), (0, base, RANGE), MOUNT_ATTR_IDMAP)
    os.close(below)
    # Relative to the layer: a path may hold the commas and colons that mean something in mount options.
    os.chdir(layer)
    _mount("overlay", root, "overlay", 0, f"lowerdir={lower},upperdir=upper,workdir=work")
    os.chdir("/")


def _become(user: int, shim: int) -> None:
    """Be this user, without groups and capabilities; die with the shim all the same, which a new uid makes forget."""
    os.chdir("/")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _checked(_libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "prctl")
    if os.getppid() != shim:
        os._exit(1)


def _open(source: str) -> int:
    """A handle on a path that goes through no link: what was approved is this path, not what a link leads to."""
    here = os.open("/", os.O_PATH | os.O_CLOEXEC)
    for step in Path(source).parts[1:]:
        deeper = os.open(step, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        os.close(here)
        here = deeper
        if stat.S_ISLNK(os.fstat(here).st_mode):
            raise OSError(f"{source} goes through a link at {step!r}, which was not approved")
    return here


def _bind(source: int, place: Path, owner: "int | None") -> None:
    """Show `source` at `place`, where no setuid file has an effect."""
    status = os.fstat(source)
    if stat.S_ISDIR(status.st_mode):
        place.mkdir(parents=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    if owner is not None:
        try:
            attributes = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NOSUID
            _mapped(source, place, (status.st_uid, owner, 1), (status.st_gid, owner, 1), attributes)
        except OSError:
            pass  # a file system that cannot map owners: the agent is one of the others there
        else:
            return
    _mount(f"/proc/self/fd/{source}", str(place), None, MS_BIND | MS_REC, None)
    _set_attributes(AT_FDCWD, str(place), AT_RECURSIVE, MOUNT_ATTR_NOSUID, 0)


def _mapped(
    source: int, place: Path, uids: "tuple[int, int, int]", gids: "tuple[int, int, int]", attributes: int
) -> None:
    """Show `source` at `place` with owners mapped: (owner on the disk, owner shown, how many)."""
    flags = OPEN_TREE_CLONE | os.O_CLOEXEC | AT_EMPTY_PATH
    tree = _checked(_libc.syscall(OPEN_TREE, source, b"", flags), "open_tree")
    try:
        _set_attributes(tree, "", AT_EMPTY_PATH, attributes, _user_namespace(uids, gids))
        moved = _libc.syscall(MOVE_MOUNT, tree, b"", AT_FDCWD, str(place).encode(), MOVE_MOUNT_F_EMPTY_PATH)
        _checked(moved, "move_mount")
    finally:
        os.close(tree)


@functools.cache
def _user_namespace(uids: "tuple[int, int, int]", gids: "tuple[int, int, int]") -> int:
    """A handle on a user namespace with these two maps; nothing runs in it. Closed by the exec."""
    made, tell_made = os.pipe()
    mapped, tell_mapped = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(tell_mapped)
        failed = _libc.unshare(CLONE_NEWUSER) != 0
        os.write(tell_made, b"-" if failed else b"+")
        os.read(mapped, 1)
        os._exit(0)
    os.close(tell_made)
    try:
        if os.read(made, 1) != b"+":
            raise OSError("user namespaces are not to be had")
        for kind, numbers in (("uid_map", uids), ("gid_map", gids)):
            Path(f"/proc/{child}/{kind}").write_text(" ".join(map(str, numbers)))
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        for end in (made, mapped, tell_mapped):
            os.close(end)
        os.waitpid(child, 0)


def _set_attributes(folder: int, path: str, flags: int, attributes: int, namespace: int) -> None:
    words = struct.pack("QQQQ", attributes, 0, 0, namespace)
    done = _libc.syscall(MOUNT_SETATTR, folder, path.encode(), flags, words, len(words))
    _checked(done, "mount_setattr")


def _mount(source: "str | None", target: str, kind: "str | None", flags: int, options: "str | None") -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind, options)]
    _checked(_libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]), f"mount {target}")


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"hive: the container's file systems cannot be set up: {error}")
