"""A reading child gives up, before it opens its file, whatever reading does not need.

Layers, each of which holds where the others are not permitted; `confine` says which ones apply.
"""

from __future__ import annotations

import errno
import os
import resource
import struct
import sys
from typing import TYPE_CHECKING

from sluice.confinement.reader_limits import MIB

if sys.platform == "linux":
    from sluice.confinement.kernel_calls import (
        CLONE_NEWNET,
        CLONE_NEWUSER,
        PR_SET_NO_NEW_PRIVS,
        prctl,
        syscall,
        unshare,
    )
    from sluice.confinement.landlock import restrict_files
    from sluice.confinement.seccomp import refuse_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sluice.confinement.reader_limits import ReaderLimits

_NOT_HERE = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSPC}
"""What a kernel or a container that lacks or forbids a layer answers."""
_MOST_OPEN_FILES = 32
_MOST_FILE_MIB = 2048
_FIRST_FREE_FD = 3
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION = 0x2008_0522
_CAP_DAC_OVERRIDE = 1 << 1
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "SLUICE_READER")
_KEPT_PREFIXES = ("LC_", "PYTHON", "MALLOC_")


def without_secrets(environ: dict[str, str]) -> dict[str, str]:
    """Return the few variables that an interpreter needs."""
    return {
        name: value
        for name, value in environ.items()
        if name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)
    }


def confine(
    limits: ReaderLimits, *, kept_fds: Iterable[int], readable: str, writable_dir: str | None
) -> tuple[str, ...]:
    """Keep the pipe, one file and one folder for spilled strings; return the layers that apply.

    The calling process must have one thread only.
    """
    _keep_only(kept_fds)
    _limit(limits)
    layers = ["limits"]
    if sys.platform == "linux":
        steps: tuple[tuple[str, Callable[[], object]], ...] = (
            ("network namespace", _leave_network),
            ("capabilities", _drop_capabilities),
            ("no new privileges", lambda: prctl(PR_SET_NO_NEW_PRIVS, 1)),
            ("landlock", lambda: restrict_files(readable, writable_dir)),
            ("seccomp", refuse_calls),
        )
        for name, step in steps:
            if _is_permitted(step):
                layers.append(name)
    return tuple(layers)


def _is_permitted(step: Callable[[], object]) -> bool:
    try:
        step()
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
        return False
    return True


def allow_cpu_for(limits: ReaderLimits, sheet_bytes: int) -> None:
    """Raise the CPU limit to what a sheet of this size may take."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_limit_s(sheet_bytes), limits.most_cpu_s))


def _keep_only(kept_fds: Iterable[int]) -> None:
    """Close every inherited file but these; the standard ones lead nowhere."""
    os.environ.clear()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(_FIRST_FREE_FD):
        os.dup2(nowhere, standard)
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    first = _FIRST_FREE_FD
    for kept in sorted(kept_fds):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, highest)


def _limit(limits: ReaderLimits) -> None:
    memory = limits.memory_mib * MIB
    allow_cpu_for(limits, 0)
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _MOST_FILE_MIB * MIB),
        (resource.RLIMIT_NOFILE, _MOST_OPEN_FILES),
    ):
        resource.setrlimit(kind, (value, value))


def _leave_network() -> None:
    """Move to a network without any interface; a user namespace permits it to anybody."""
    try:
        unshare(CLONE_NEWNET)
    except PermissionError:
        unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _drop_capabilities() -> None:
    """Be no administrator; files of other owners may still be read, as before."""
    header = struct.pack("<Ii", _CAPABILITY_VERSION, 0)
    kept = _CAP_DAC_OVERRIDE if os.geteuid() == 0 else 0
    syscall(_CAPSET[os.uname().machine], header, struct.pack("<6I", kept, kept, 0, 0, 0, 0))
