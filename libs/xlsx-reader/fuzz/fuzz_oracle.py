"""What must hold for every file: nothing but a WorkbookError, the same cells on every path."""

from __future__ import annotations

import contextlib
import re
import resource
import time
from typing import TYPE_CHECKING

from fuzz_input import case_of, without_skipped
from xlsx_reader import CellTag, Tokenizer, Workbook, WorkbookError, peek

if TYPE_CHECKING:
    from pathlib import Path

    from fuzz_input import Case
    from xlsx_reader import RowRun, SheetInfo

    Cells = dict[tuple[int, int], tuple[str, CellTag]]

MOST_GROWTH_KIB = 64 * 1024
MOST_CPU_S = 10.0
"""Of an input of some 100 kB, read three times by instrumented code."""
MOST_SHEETS = 8
REFUSED = "refused"
ONLY_STRICT = "only strict"


class Broken(Exception):
    """A file did what no file may; `what` is the same for findings of one cause."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what = what


def check(data: bytes, path: Path) -> None:
    """Read what an input stands for, written to the path; raises Broken."""
    case = case_of(data)
    path.write_bytes(case.file)
    peak_kib, cpu_s = _peak_kib(), time.process_time()
    strict = _outcome(case, path, Tokenizer.STRICT)
    fast = _outcome(case, path, case.fast)
    _peek(case, path)
    growth_kib, spent_s = _peak_kib() - peak_kib, time.process_time() - cpu_s
    if growth_kib > MOST_GROWTH_KIB:
        raise Broken("memory", f"grew by {growth_kib // 1024} MiB")
    if spent_s > MOST_CPU_S:
        raise Broken("time", f"took {spent_s:.1f} s of CPU")
    try:
        compare(strict, fast, case.fast)
    except Broken as error:
        if not error.what.startswith(ONLY_STRICT):
            raise
        path.write_bytes(without_skipped(case.file))
        compare(_outcome(case, path, Tokenizer.STRICT), fast, case.fast)


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


Outcome = dict[int, "Cells | str"]


def _outcome(case: Case, path: Path, tokenizer: Tokenizer) -> Outcome:
    """Return every sheet's cells, or the word that it is refused; -1 stands for the workbook."""
    outcome: Outcome = {}
    at = -1
    try:
        with Workbook.open(
            path, limits=case.limits, tokenizer=tokenizer, block_bytes=case.block_bytes
        ) as workbook:
            outcome[at] = {}
            for sheet in workbook.sheets[:MOST_SHEETS]:
                at = sheet.index
                try:
                    outcome[at] = _cells(workbook, sheet)
                except WorkbookError as error:
                    outcome[at] = f"{REFUSED} {error}"
    except WorkbookError as error:
        outcome[at] = f"{REFUSED} {error}"
    return outcome


def _peek(case: Case, path: Path) -> None:
    with contextlib.suppress(WorkbookError):
        peek(path, limits=case.limits)


def _cells(workbook: Workbook, sheet: SheetInfo) -> Cells:
    cells: Cells = {}
    line = end_offset = 0
    for run in workbook.runs(sheet):
        if not end_offset < run.end_offset <= sheet.size_bytes:
            raise Broken("end_offset", f"{run.end_offset} after {end_offset}")
        end_offset = run.end_offset
        for at, next_line in enumerate(run.lines):
            if next_line <= line:
                raise Broken("lines", f"{next_line} after {line}")
            line = next_line
            _take_row(cells, run, at, line)
    return cells


def _take_row(cells: Cells, run: RowRun, at: int, line: int) -> None:
    before = len(cells)
    for column, (texts, tags) in enumerate(zip(run.columns, run.tags, strict=True)):
        if not len(texts) == len(tags) == len(run.lines):
            raise Broken("run shape", f"column {column} at line {line}")
        text, tag = texts[at], CellTag(tags[at])
        if (text is None) != (tag is CellTag.EMPTY):
            raise Broken("text and tag", f"{text!r} is {tag} at line {line}")
        if text is not None:
            text.encode()  # a lone surrogate would fail far from here
            cells[line, column] = (text, tag)
    if len(cells) == before:
        raise Broken("blank row", f"line {line}")


def compare(strict: Outcome, fast: Outcome, tokenizer: Tokenizer) -> None:
    if strict.keys() != fast.keys():
        raise Broken("sheets", f"{sorted(strict)} and {sorted(fast)} by {tokenizer}")
    for at, expected in strict.items():
        found = fast[at]
        if isinstance(expected, str) and isinstance(found, str):
            continue
        if isinstance(expected, str):
            raise Broken(f"{ONLY_STRICT} {_reason(expected)}", f"{expected} {found}")
        if isinstance(found, str):
            raise Broken(f"only {tokenizer} {_reason(found)}", found)
        if expected != found:
            differing = sorted(set(expected.items()) ^ set(found.items()))[:4]
            raise Broken(f"cells differ by {tokenizer}", repr(differing))


def _reason(refusal: str) -> str:
    return re.split("[;.]", refusal)[0]
