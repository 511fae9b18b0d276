"""`make bench-scale`: how rows/s, CPU, memory, lag and delay grow with rows, imports and workers.

Parts, some minutes each: `rows` (10,000 to 1,000,000), `concurrent` (1, 4 and 16 imports of the
same rows in all), `workers` (1 and 2 parsers and writers), `pair` (two imports at once, and one
after the other) and `csv` (1,000,000 and 10,000,000 rows: no sheet of a workbook has more than
1,048,576, and memory does not ask how a row came). Results are kept in docs/benchmarks/scale.json,
case by case. Nothing here is a gate.

Environment: `PARTS` (all, with commas between them), `CASE` (a part of a case's name), `RUNS` (3;
of the largest file 1), `ADD_RUNS`, and `SHARE` (1), which makes files smaller for a trial.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.commit_times import part_workbook, stack_with_commit_times
from tests.benchmarks.raw_results import keep_results, with_earlier_runs
from tests.benchmarks.scale.imports import measured
from tests.benchmarks.whole_road import WORKBOOKS

from devstack import SluiceOptions
from sample_data import generate_orders_csv
from xlsx_reader import READER_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from devstack import Stack

IDENTITY = ("part", "case", "reader")
MANY_ROWS = 5_000_000
SHARED_OUT_S = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some imports, and by how many parsers and writers."""

    name: str
    rows: int
    imports: int = 1
    at_once: bool = True
    parsers: int = 1
    writers: int = 1
    is_csv: bool = False

    def paths(self) -> list[Path]:
        share = float(os.environ.get("SHARE", "1"))
        each = max(1_000, round(self.rows / self.imports * share))
        if self.is_csv:
            return [_csv(each)]
        return [part_workbook(each, number) for number in range(self.imports)]


CASES: dict[str, Sequence[Case]] = {
    "rows": [Case(name=f"{rows:,}", rows=rows) for rows in (10_000, 100_000, 1_000_000)],
    "concurrent": [
        Case(name=f"{imports}", rows=1_000_000, imports=imports) for imports in (1, 4, 16)
    ],
    "workers": [
        Case(name=f"{p}, {w}", rows=1_000_000, imports=4, parsers=p, writers=w)
        for p, w in ((1, 1), (2, 1), (1, 2), (2, 2))
    ],
    "pair": [
        Case(name="one after the other", rows=1_000_000, imports=2, at_once=False),
        Case(name="at once", rows=1_000_000, imports=2),
    ],
    "csv": [
        Case(name="CSV, 1,000,000", rows=1_000_000, is_csv=True),
        Case(name="CSV, 10,000,000", rows=10_000_000, is_csv=True),
    ],
}


def _csv(rows: int) -> Path:
    path = WORKBOOKS / f"orders-{rows}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders_csv(path, rows)
    return path


def main() -> int:
    asked = os.environ.get("PARTS", "")
    for part in asked.split(",") if asked else CASES:
        results = list(_measure_part(part, int(os.environ.get("RUNS", "3"))))
        keep_results("scale", results, IDENTITY)
    return 0


def _measure_part(part: str, runs: int) -> Iterator[dict[str, Any]]:
    chosen = os.environ.get("CASE", "")
    cases = [case for case in CASES[part] if chosen in case.name]
    for case in cases:
        case.paths()  # makes the files beforehand
    found: dict[str, list[dict[str, Any]]] = {case.name: [] for case in cases}
    with stack_with_commit_times("bench-scale", SluiceOptions()) as stack:
        measured(stack, Case(name="warming up", rows=100_000).paths(), at_once=True)
        for run in range(runs):
            for case in cases:
                if case.rows < MANY_ROWS or run == 0:
                    _with_workers(stack, case)
                    figures = measured(stack, case.paths(), at_once=case.at_once)
                    found[case.name].append(figures)
                    print(json.dumps({"part": part, "case": case.name} | figures), flush=True)
    for name, taken in found.items():
        what = {"part": part, "case": name, "reader": READER_NAME}
        every = with_earlier_runs("scale", what, IDENTITY, taken)
        every.sort(key=lambda figures: float(figures["wall_s"]))
        if every:
            yield what | {"median": every[len(every) // 2], "runs": every}


def _with_workers(stack: Stack, case: Case) -> None:
    """Let as many parsers and writers run as the case asks for, and share out the partitions."""
    for service, wanted in (("parser", case.parsers), ("writer", case.writers)):
        second = f"{service}-2"
        running = any(each.name == second for each in stack.processes())
        if (wanted > 1) is running:
            continue
        if running:
            stack.remove(second)
        else:
            stack.add_copy(service, second)
        time.sleep(SHARED_OUT_S)


if __name__ == "__main__":
    sys.exit(main())
