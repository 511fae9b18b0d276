"""The calls to Linux that Python 3.11 has no names for."""

from __future__ import annotations

import ctypes
import os

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000

_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call; raises OSError."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *converted))


def prctl(option: int, *arguments: int | ctypes.c_void_p) -> None:
    """Change what this process may do; raises OSError."""
    converted = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    converted += [ctypes.c_ulong(0)] * (4 - len(converted))
    _checked(_libc.prctl(option, *converted))


def unshare(flags: int) -> None:
    """Leave the namespaces of the parent; raises OSError."""
    _checked(_libc.unshare(flags))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
