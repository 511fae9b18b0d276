"""Measure the reader on one workbook: CPU s, peak resident memory and rows, for each path.

Usage: read_speed.py FILE [auto|template|cell|strict …]; each path runs in a process of its own.
"""

import resource
import subprocess
import sys
import time

from xlsx_reader import Tokenizer, Workbook


def measure(path: str, tokenizer: Tokenizer) -> str:
    """Read the default sheet whole and tell what it took."""
    started = time.process_time()
    first_row_s: float | None = None
    rows = runs = 0
    with Workbook.open(path, tokenizer=tokenizer) as workbook:
        for run in workbook.runs(workbook.default_sheet()):
            if first_row_s is None:
                first_row_s = time.process_time() - started
            rows += len(run.lines)
            runs += 1
    cpu_s = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{tokenizer:<9} {cpu_s:6.2f} CPU s  {peak_mb:6.1f} MB peak  {rows:>9,} rows  "
        f"{runs:>6,} runs  first row {first_row_s or 0:.3f} s"
    )


def main() -> None:
    path, *names = sys.argv[1:]
    if len(names) == 1:
        print(measure(path, Tokenizer(names[0])), flush=True)
        return
    for name in names or list(Tokenizer):
        subprocess.run([sys.executable, __file__, path, name], check=True)  # noqa: S603  ourselves


if __name__ == "__main__":
    main()
