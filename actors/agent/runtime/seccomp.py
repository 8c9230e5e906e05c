"""The system call filter of bwrap agents: nobody inside can make a setuid or setgid file.

Such a file would lie on the host, below a writable bind for example, and lend its owner's rights to any user there. The
filter refuses what systemd's RestrictSUIDSGID refuses: calls that set a mode with one of the two bits fail with EPERM.
`openat2` and io_uring, whose modes a filter cannot see, fail with ENOSYS; programs know how to go on without.

`program` is pure: classic BPF, as bubblewrap takes it (an array of struct sock_filter, native byte order).
"""

import errno
import os
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass

BITS = 0o6000
"""S_ISUID and S_ISGID."""

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
"""Numbers from here on belong to x86-64's second interface, which nothing needs."""


@dataclass(frozen=True, slots=True)
class Abi:
    """What the kernel calls this machine, and its numbers: a call that takes a mode → which argument that is."""

    audit: int
    modes: Mapping[int, int]
    unseen: tuple[int, ...]
    """`openat2` and `io_uring_setup`."""


_GENERIC = Abi(audit=0xC00000B7, modes={52: 1, 53: 2, 452: 2, 33: 2, 56: 3}, unseen=(437, 425))
ABIS = {
    # chmod, fchmod, fchmodat, fchmodat2, mknod, mknodat, creat, open, openat
    "x86_64": Abi(
        audit=0xC000003E,
        modes={90: 1, 91: 1, 268: 2, 452: 2, 133: 1, 259: 2, 85: 1, 2: 2, 257: 3},
        unseen=(437, 425),
    ),
    # fchmod, fchmodat, fchmodat2, mknodat, openat
    "aarch64": _GENERIC,
}


def program(abi: Abi) -> bytes:
    """The filter for this machine."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, abi.audit, jump_true=1),
        _step(_RETURN, _FAIL | errno.ENOSYS),  # the calls of another architecture have other numbers
        _step(_LOAD, _NUMBER),
        _step(_JUMP_GREATER_EQUAL, _X32, jump_false=1),
        _step(_RETURN, _FAIL | errno.ENOSYS),
    ]
    for number in abi.unseen:
        steps += [_step(_JUMP_EQUAL, number, jump_false=1), _step(_RETURN, _FAIL | errno.ENOSYS)]
    for number, argument in abi.modes.items():
        steps += [
            _step(_JUMP_EQUAL, number, jump_false=4),
            _step(_LOAD, _ARGUMENTS + 8 * argument + _LOW_HALF),
            _step(_JUMP_ANY_BIT, BITS, jump_false=1),
            _step(_RETURN, _FAIL | errno.EPERM),
            _step(_RETURN, _ALLOW),
        ]
    return b"".join((*steps, _step(_RETURN, _ALLOW)))


_LOW_HALF = 0 if struct.pack("=I", 1)[0] else 4


def _step(code: int, value: int, *, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)


def of_this_machine() -> bytes:
    """The filter of this machine; empty where its numbers are not known here."""
    abi = ABIS.get(platform.machine())
    return b"" if abi is None else program(abi)


def handle() -> int | None:
    """A descriptor that the filter of this machine can be read from; None where its numbers are not known here."""
    filter_ = of_this_machine()
    if not filter_:
        return None
    memory = os.memfd_create("hive-seccomp", os.MFD_CLOEXEC)
    os.write(memory, filter_)
    os.lseek(memory, 0, os.SEEK_SET)
    return memory
