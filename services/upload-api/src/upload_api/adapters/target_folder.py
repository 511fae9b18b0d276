"""The folder of target files: what it says now, read again when a file has changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from import_targets import RECORDS, TargetError, load_targets, target_paths
from upload_api.metrics import TARGETS_LOADS, TARGETS_REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from import_targets import TargetDefinition
    from sluice.clock import Clock

log = structlog.get_logger(__name__)

_FileMarks: TypeAlias = "tuple[tuple[str, int, int, int], ...]"
"""By file: name, inode, size and time of the last change in nanoseconds."""
SETTLED_NS: Final = 1_000_000_000
"""A file that changed within so long may still be being written: half of one can be valid YAML. It
may also change once more without a trace, as times of files are some milliseconds coarse."""


class TargetFolder:
    """The targets of a folder, of the newest content that has no fault.

    A look costs one stat a file. Files with faults change nothing: they are told in the log and
    in a metric, once for each change, and the targets that were there before go on.
    """

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        """Read the files.

        Raises:
            TargetError: a file is wrong; the message lists every fault of every file.
        """
        self._folder = folder
        self._clock = clock
        self._reading = threading.Lock()
        self._marks = _marks_of(folder)
        self._targets: Mapping[str, TargetDefinition] = (
            load_targets(folder) if folder else {RECORDS.name: RECORDS}
        )
        TARGETS_REFUSED.set(0)

    def targets(self) -> Mapping[str, TargetDefinition]:
        """Return the targets by name; they stay as they are while they are in hand.

        Whoever comes while another reads the files gets the old ones and does not wait.
        """
        if self._folder is not None and self._reading.acquire(blocking=False):
            try:
                self._look(self._folder)
            finally:
                self._reading.release()
        return self._targets

    def _look(self, folder: Path) -> None:
        marks = _marks_of(folder)
        if marks == self._marks or not self._is_settled(marks):
            return
        self._marks = marks
        TARGETS_LOADS.inc()
        try:
            self._targets = load_targets(folder)
        except (TargetError, OSError) as error:
            TARGETS_REFUSED.set(1)
            log.warning("changed target files are refused", faults=str(error).splitlines())
        else:
            TARGETS_REFUSED.set(0)
            versions = {name: target.version for name, target in self._targets.items()}
            log.info("changed target files are read", versions=versions)

    def _is_settled(self, marks: _FileMarks) -> bool:
        now_ns = int(self._clock.now().timestamp() * 1e9)
        known = set(self._marks)
        return all(abs(now_ns - mark[3]) >= SETTLED_NS for mark in marks if mark not in known)


def _marks_of(folder: Path | None) -> _FileMarks:
    marks = []
    for path in target_paths(folder) if folder else ():
        try:
            found = path.stat()
        except OSError:  # it went between the two looks; the next one knows
            continue
        marks.append((path.name, found.st_ino, found.st_size, found.st_mtime_ns))
    return tuple(marks)
