"""Reads workbooks for the corpus, each in a process of its own, and tells what it took.

Usage: reader_process.py, then one JSON object a line on its input: {"path": …, "sheet": … or null,
"head": true for the head alone, "cells": true for the cells as well}; one comes back for each. The
processes are forked from this one, which holds the reader and nothing else: what they grow by is
the workbook's doing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from xlsx_reader import CellTag, Workbook, WorkbookError, peek


def memory_kb(field: str) -> int:
    """Return VmRSS or VmHWM (the peak) of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1])


def read_whole(path: str, sheet: str | None, *, with_cells: bool) -> dict[str, Any]:
    """Return the number of rows, the header's included, and their cells if asked for."""
    rows = 0
    cells: dict[int, list[list[str] | None]] = {}
    with Workbook.open(path) as workbook:
        chosen = workbook.sheet_named(sheet) if sheet else workbook.default_sheet()
        for run in workbook.runs(chosen):
            rows += len(run.lines)
            for at, line in enumerate(run.lines if with_cells else ()):
                found = [
                    [CellTag(tags[at]).name, column[at] or ""] if tags[at] else None
                    for column, tags in zip(run.columns, run.tags, strict=True)
                ]
                while found and found[-1] is None:
                    found.pop()
                cells[line] = found
    return {"rows": rows, "cells": cells}


def measured(order: dict[str, Any]) -> dict[str, Any]:
    """Read as ordered; `error` is what the workbook was refused for."""
    idle_kb, started = memory_kb("VmRSS"), time.perf_counter()
    found: dict[str, Any] = {"error": None}
    try:
        if order["head"]:
            peek(order["path"], order["sheet"])
        else:
            found |= read_whole(order["path"], order["sheet"], with_cells=order["cells"])
    except WorkbookError as error:
        found["error"] = {"code": error.code, "place": error.place, "message": error.message}
    found["ms"] = round((time.perf_counter() - started) * 1000)
    found["growthMb"] = round((memory_kb("VmHWM") - idle_kb) / 1024, 1)
    found["left"] = [path.name for path in Path(tempfile.gettempdir()).iterdir()]
    return found


def main() -> None:
    tempfile.tempdir = tempfile.mkdtemp(prefix="sluice-corpus-")
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            print(json.dumps(measured(order)), flush=True)  # noqa: T201 - its output is its answer
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps({"died": status}), flush=True)  # noqa: T201
    Path(tempfile.tempdir).rmdir()


if __name__ == "__main__":
    main()
