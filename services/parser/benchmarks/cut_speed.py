"""Measure a reading child's work on one workbook, pipe left out: read, cut, hash, encode.

Usage: cut_speed.py FILE [auto|python …]; each tokenizer runs in a process of its own.
"""

import resource
import subprocess
import sys
import time
from uuid import UUID

import pyarrow as pa

from parser.adapters.sheet_child import _cuts
from parser.domain.chunk_policy import ChunkPolicy
from parser.domain.chunker import Chunker
from sluice.events.rows_chunked import ChunkMeta, content_sha256, encode
from xlsx_reader import Tokenizer, Workbook


def measure(path: str, tokenizer: Tokenizer) -> str:
    pa.set_memory_pool(pa.system_memory_pool())
    started = time.process_time()
    sent_bytes = 0
    chunker = Chunker(ChunkPolicy())
    with Workbook.open(path, tokenizer=tokenizer) as workbook:
        for cut in _cuts(workbook.runs(workbook.default_sheet(), chunker.room), 1, chunker):
            lines = cut.cells.lines
            meta = ChunkMeta(
                job_id=UUID(int=0),
                run=1,
                chunk_no=cut.chunk_no,
                rows=len(lines),
                first_line=lines[0].as_py(),
                last_line=lines[-1].as_py(),
                covered_bytes=cut.covered_bytes,
                sha256=content_sha256(cut.cells),
                chunker_version=2,
                date_1904=workbook.date_1904,
            )
            sent_bytes += len(encode(meta, cut.cells))
    cpu_s = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{tokenizer:<9} {cpu_s:6.2f} CPU s  {peak_mb:6.1f} MB peak  {chunker.rows:>9,} rows  "
        f"{chunker.chunks:>6,} chunks  {sent_bytes / 1e6:.0f} MB"
    )


def main() -> None:
    path, *names = sys.argv[1:]
    if len(names) == 1:
        print(measure(path, Tokenizer(names[0])), flush=True)
        return
    for name in names or [Tokenizer.PYTHON, Tokenizer.AUTO]:
        subprocess.run([sys.executable, __file__, path, name], check=True)  # noqa: S603  ourselves


if __name__ == "__main__":
    main()
