"""The corpus: files of every kind that users, broken exporters and attackers send.

Each case says what is wrong with it and what must happen; one table-driven test runs them all
against the reader, `sluice check` and the upload API. The names that begin with C and a number are
those of the list the corpus began with.
"""

from __future__ import annotations

from sample_data.corpus import (
    bombs,
    cell_values,
    containers,
    crowds,
    foreign_files,
    headers,
    sheet_layouts,
    xml_faults,
)
from sample_data.corpus.case import Accepted, Case, Fails, Refused

CASES: tuple[Case, ...] = (
    *containers.CASES,
    *foreign_files.CASES,
    *xml_faults.CASES,
    *headers.CASES,
    *sheet_layouts.CASES,
    *cell_values.CASES,
    *bombs.CASES,
    *crowds.CASES,
)

LARGE: tuple[Case, ...] = (*bombs.CASES, *crowds.CASES)
"""Those that take a second or more to make or to read."""

__all__ = ["CASES", "LARGE", "Accepted", "Case", "Fails", "Refused"]
