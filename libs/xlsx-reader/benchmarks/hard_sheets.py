"""Measure the reader on two hard sheets against a regular one: cells a CPU second, peak memory.

Usage: hard_sheets.py [ROWS]; the workbooks are made once, in `.cache/workbooks`. Each is read by a
process of its own, by the compiled reader where it is installed and by the Python reader.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

from sample_data import generate_orders
from sample_data.hard_sheets import generate_alternating_types, generate_unique_strings
from xlsx_reader import Tokenizer, Workbook

FOLDER = Path(".cache/workbooks")
COLUMNS = {"orders": 10, "unique": 10, "alternating": 16}


def path_of(name: str, rows: int) -> Path:
    return FOLDER / f"hard-{name}-{rows}.xlsx"


def generate(rows: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    makers = {
        "orders": lambda path: generate_orders(path, rows),
        "unique": lambda path: generate_unique_strings(path, rows),
        "alternating": lambda path: generate_alternating_types(path, rows),
    }
    for name, make in makers.items():
        if not (path := path_of(name, rows)).exists():
            make(path)


def measure(path: str, tokenizer: str, columns: int) -> None:
    started = time.process_time()
    rows = 0
    with Workbook.open(path, tokenizer=Tokenizer(tokenizer)) as workbook:
        for run in workbook.runs(workbook.default_sheet()):
            rows += len(run.lines)
    cpu_s = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{Path(path).stem:<26} {tokenizer:<7} {cpu_s:6.2f} CPU s  {peak_mb:6.1f} MB peak  "
        f"{rows * columns / cpu_s / 1e6:5.2f} million cells/CPU s",
        flush=True,
    )


def main() -> None:
    if len(sys.argv) > 2:  # noqa: PLR2004 - a call of ourselves
        measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    generate(rows)
    for tokenizer in ("auto", "python"):
        for name, columns in COLUMNS.items():
            command = [sys.executable, __file__, str(path_of(name, rows)), tokenizer, str(columns)]
            subprocess.run(command, check=True)  # noqa: S603  ourselves


if __name__ == "__main__":
    main()
