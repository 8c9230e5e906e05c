"""The system call filter: which calls it refuses, by running its program as the kernel would."""

import errno
import os
import platform
import struct

import pytest

from actors.agent.runtime import seccomp

ABI = seccomp.ABIS["x86_64"]
ALLOW, FAIL = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = FAIL | errno.EPERM, FAIL | errno.ENOSYS


def verdict(number, *arguments, audit=ABI.audit, abi=ABI):
    """What the filter returns for this call."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *(6 - len(arguments)) * (0,))
    steps = list(struct.iter_unpack("=HBBI", seccomp.program(abi)))
    at = value = 0
    while True:
        code, jump_true, jump_false, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
            at += jump_true if holds else jump_false


@pytest.mark.parametrize("bits", [0o4755, 0o2755, 0o6755, 0o4000])
def test_no_call_sets_a_mode_with_setuid_or_setgid(bits):
    for number, place in ABI.modes.items():
        arguments = [0] * 6
        arguments[place] = bits
        assert verdict(number, *arguments) == EPERM, number


def test_other_modes_and_other_calls_pass():
    for number in ABI.modes:
        assert verdict(number, 0o755, 0o1777 if ABI.modes[number] == 1 else 0, 0o755, 0o644) == ALLOW, number
    for number in (0, 1, 59, 83, 231, 435):
        assert verdict(number, *6 * (0o6777,)) == ALLOW, number


def test_calls_whose_mode_is_out_of_sight_are_not_there():
    for number in ABI.unseen:
        assert verdict(number) == ENOSYS


def test_another_interface_of_the_kernel_is_no_way_round():
    assert verdict(15, 0, 0o4755, audit=0x40000003) == ENOSYS
    assert verdict(0x40000000 + 90, 0, 0o4755) == ENOSYS


def test_the_handle_holds_the_whole_program():
    handle = seccomp.handle()
    assert (handle is not None) == (platform.machine() in seccomp.ABIS)
    with os.fdopen(handle, "rb") as stream:
        assert stream.read() == seccomp.program(seccomp.ABIS[platform.machine()])
