"""Print what each case of the corpus takes: verdict, ms, and MB of growth over the idle process.

Usage: python -m tests.corpus.table. A refusal is what the checks at the upload take; any other file
is read to its end, or to its fault. The last line is the figure to quote.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.corpus.measured_reader import MeasuredReader

from sample_data.corpus import CASES, Accepted, Case, Refused


def measured(case: Case, reader: MeasuredReader, folder: Path) -> dict[str, Any]:
    """Return what the reader takes for the part that decides."""
    path = folder / "case.xlsx"
    case.write(path)
    try:
        if isinstance(case.must, Refused):
            return reader.read_head(path, case.sheet)
        return reader.read_whole(path, case.sheet, cells=False)
    finally:
        path.unlink()


def verdict(case: Case, found: dict[str, Any]) -> str:
    """Return the code, or what is accepted."""
    if found["error"] is not None:
        return str(found["error"]["code"])
    if isinstance(case.must, Refused):
        return case.must.code
    bad = len(case.must.errors) if isinstance(case.must, Accepted) else 0
    return f"{found['rows'] - 1:,} rows" + (f", {bad} bad" if bad else "")


def main() -> None:
    reader = MeasuredReader()
    refusals: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            found = measured(case, reader, Path(folder))
            told = verdict(case, found)
            print(f"{found['ms']:>7} ms {found['growthMb']:>6} MB  {told:<22} {case.name}")  # noqa: T201
            if not isinstance(case.must, Accepted):
                refusals.append((found["ms"], found["growthMb"]))
    reader.close()
    slowest, largest = max(ms for ms, _ in refusals), max(mb for _, mb in refusals)
    print(f"{len(CASES)} cases; {len(refusals)} refusals: {slowest} ms, {largest} MB at most")  # noqa: T201


if __name__ == "__main__":
    main()
