"""Seccomp: a process gives up the system calls that reading a file never needs."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from sluice.confinement.kernel_calls import PR_SET_SECCOMP, prctl

_MODE_FILTER = 2
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Where struct seccomp_data holds the call's number, the architecture and the first argument.
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD = 0x1_0000
_X32_CALLS_FROM = 0x4000_0000
_CLONE3, _IO_URING_SETUP = 435, 425


@dataclass(frozen=True, slots=True)
class _Machine:
    """Numbers of one architecture."""

    audit: int
    clone: int
    tgkill: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        audit=0xC000_003E,
        clone=56,
        tgkill=234,
        # socket socketpair execve execveat fork vfork kill tkill ptrace process_vm_readv/writev
        # bpf perf_event_open userfaultfd add_key request_key keyctl mount umount2 pivot_root chroot
        # unshare setns open_by_handle_at init_module finit_module kexec_load personality
        refused=(
            *(41, 53, 59, 322, 57, 58, 62, 200, 101, 310, 311),
            *(321, 298, 323, 248, 249, 250, 165, 166, 155, 161),
            *(272, 308, 304, 175, 313, 246, 135),
        ),
    ),
    "aarch64": _Machine(
        audit=0xC000_00B7,
        clone=220,
        tgkill=131,
        # the same; fork and vfork do not exist
        refused=(
            *(198, 199, 221, 281, 129, 130, 117, 270, 271),
            *(280, 241, 282, 217, 218, 219, 40, 39, 41, 51),
            *(97, 268, 265, 105, 273, 104, 92),
        ),
    ),
}
# io_uring_setup pidfd_open pidfd_getfd pidfd_send_signal: the same number everywhere
_REFUSED_EVERYWHERE = (_IO_URING_SETUP, 434, 438, 424)


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_calls() -> None:
    """Refuse sockets, programs, processes, signals to others and looking into them, with EPERM.

    Threads may be started, and `abort` works. The process must have given up new privileges
    before. Raises OSError where the kernel or the architecture does not allow it.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no list of calls for {platform.machine()}")
    instructions = b"".join(_filter(machine))
    program = _Program(len(instructions) // 8, instructions)
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.cast(ctypes.byref(program), ctypes.c_void_p))


def _filter(machine: _Machine) -> list[bytes]:
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    lines = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, machine.audit, if_true=1),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32_CALLS_FROM, if_false=1),
        refuse,
        # The C library starts threads by clone when there is no clone3, whose flags cannot be seen.
        _step(_EQUAL, _CLONE3, if_false=1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    for number in (*machine.refused, *_REFUSED_EVERYWHERE):
        lines += [_step(_EQUAL, number, if_false=1), refuse]
    lines += [_step(_EQUAL, machine.clone, if_false=3), _step(_LOAD, _FIRST_ARGUMENT_AT)]
    lines += [_step(_ANY_BIT, _CLONE_THREAD, if_true=1), refuse, _step(_LOAD, _NUMBER_AT)]
    lines += [_step(_EQUAL, machine.tgkill, if_false=3), _step(_LOAD, _FIRST_ARGUMENT_AT)]
    lines += [_step(_EQUAL, os.getpid(), if_true=1), refuse]
    return [*lines, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one `struct sock_filter`: jumps count the instructions that are passed over."""
    return struct.pack("<HBBI", code, if_true, if_false, value)
