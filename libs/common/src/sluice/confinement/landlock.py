"""Landlock (Linux 5.13): a process gives up all files but a few, and from 6.7 on TCP too."""

from __future__ import annotations

import os
import struct
import sysconfig

from sluice.confinement.kernel_calls import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REG = 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8
_TRUNCATE = 1 << 14
# The bits of all rights on files that a version of the interface knows.
_FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_BITS_LATER = 16
_TRUNCATE_FROM, _TCP_FROM, _SCOPES_FROM = 3, 4, 6
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def restrict_files(readable: str, writable_dir: str | None) -> int:
    """Leave one readable file, one folder for new files and Python's library; return the version.

    It also ends looking into other processes (`/proc/<pid>/environ`). The process must have given
    up new privileges before. Raises OSError where the kernel has no Landlock.
    """
    version = syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    file_rights = (1 << _FILE_BITS.get(version, _FILE_BITS_LATER)) - 1
    attributes = struct.pack("<Q", file_rights)
    if version >= _TCP_FROM:
        attributes += struct.pack("<Q", _BIND_AND_CONNECT)
    if version >= _SCOPES_FROM:
        attributes += struct.pack("<Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _allow(ruleset, readable, _READ_FILE)
        for folder in {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}:
            _allow(ruleset, folder, _READ_FILE | _READ_DIR)  # codecs are imported when first used
        if writable_dir is not None:
            truncate = _TRUNCATE if version >= _TRUNCATE_FROM else 0
            rights = _READ_FILE | _WRITE_FILE | _READ_DIR | _REMOVE_FILE | _MAKE_REG | truncate
            _allow(ruleset, writable_dir, rights)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("<Qi", rights, handle), 0)
    finally:
        os.close(handle)
