"""Measure the reader on one text file: CPU s, peak resident memory and rows.

Usage: read_speed.py FILE [BLOCK_BYTES …]; each block size runs in a process of its own.
"""

import resource
import subprocess
import sys
import time

from csv_reader import CsvFile, dialect_name, peek
from csv_reader.csv_file import DEFAULT_BLOCK_BYTES


def measure(path: str, block_bytes: int) -> str:
    """Read the file whole and tell what it took."""
    began = time.process_time()
    head = peek(path, path)
    peek_s = time.process_time() - began
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.process_time()
    rows = runs = 0
    with CsvFile(path, head.dialect, block_bytes=block_bytes) as file:
        for run in file.runs():
            rows += len(run.lines)
            runs += 1
    cpu_s = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{dialect_name(head.dialect)}, blocks of {block_bytes:,}: head {peek_s:.3f} s, "
        f"{cpu_s:6.2f} CPU s, {rows / cpu_s:>9,.0f} rows/s, {rows:>9,} rows, {runs:>6,} runs, "
        f"{peak_mb:6.1f} MB peak ({before_mb:.1f} behind the head)"
    )


def main() -> None:
    path, *sizes = sys.argv[1:]
    if len(sizes) == 1:
        print(measure(path, int(sizes[0])), flush=True)
        return
    for size in sizes or [str(DEFAULT_BLOCK_BYTES)]:
        subprocess.run([sys.executable, __file__, path, size], check=True)  # noqa: S603  ourselves


if __name__ == "__main__":
    main()
