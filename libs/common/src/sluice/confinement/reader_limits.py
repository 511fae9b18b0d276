"""What the reading of one file may cost, and how long a frame of it is waited for."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
MOST_SHEET_MIB = 4096
"""Twice the largest part that the reader accepts, and the largest text file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderLimits:
    """Bounds of a reading child; the defaults are far above what a sound file needs.

    Reading takes 10 to 30 CPU ms per MiB of a sheet, and 250 MiB of address space before the first
    cell: 75 of these are memory, the rest is libraries that are mapped and never touched.
    """

    memory_mib: int = 1024
    cpu_s: int = 30
    """Until the sheet is open; with this much more for each MiB of the sheet:"""
    cpu_s_per_mib: float = 1.0
    wait_s: float = 300.0
    """For one frame, counted only while one is asked for."""

    def cpu_limit_s(self, sheet_bytes: int) -> int:
        """Return the bound of a sheet or text of this size, at most `most_cpu_s`."""
        size_mib = min(sheet_bytes / MIB, MOST_SHEET_MIB)
        return round(self.cpu_s + self.cpu_s_per_mib * size_mib)

    @property
    def most_cpu_s(self) -> int:
        return self.cpu_limit_s(MOST_SHEET_MIB * MIB)
