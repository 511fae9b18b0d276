"""The parser's stages: inflate, read, cut into chunks, encode; and the child that does all four."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, cast

import pyarrow as pa
from tests.benchmarks.stages.inputs import FrameSink, read_order, run_child, workbook_path
from tests.benchmarks.stages.meter import metered

from parser.adapters.sheet_child import _cuts, _send_chunk
from parser.domain.chunk_policy import policy_of
from parser.domain.chunker import Chunker
from xlsx_reader import Workbook

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tests.benchmarks.stages.meter import Spent

    from parser.adapters.sheet_child import ReadOrder


def inflate() -> Spent:
    """Inflate the sheet's part and check its sum, as every reader must."""
    with Workbook.open(workbook_path()) as workbook:
        part = workbook.default_sheet().part.lstrip("/")
        with metered() as spent:
            stream = workbook._stream(_found(part))
            while stream.read():
                pass
    return spent


def _found(part: str) -> str:
    with zipfile.ZipFile(workbook_path()) as archive:
        return next(name for name in archive.namelist() if name.lower() == part.lower())


def reader() -> Spent:
    """Inflate and tokenize: rows come as Arrow buffers, or as Python's lists."""
    with metered() as spent, Workbook.open(workbook_path()) as workbook:
        for _ in workbook.runs(workbook.default_sheet()):
            pass
    return spent


def cut() -> Spent:
    """Make chunks of runs that are there already."""
    pa.set_memory_pool(pa.system_memory_pool())
    with Workbook.open(workbook_path()) as workbook:
        runs = list(workbook.runs(workbook.default_sheet()))
    order = read_order()
    with metered() as spent:
        for _ in _cuts(iter(runs), 1, _chunker(order)):
            pass
    return spent


def _chunker(order: ReadOrder) -> Chunker:
    return Chunker(policy_of(order.chunker_version, order.chunk_rows))


def encode() -> Spent:
    """Hash and encode chunks that are cut already."""
    pa.set_memory_pool(pa.system_memory_pool())
    order = read_order()
    with Workbook.open(workbook_path()) as workbook:
        runs = workbook.runs(workbook.default_sheet())
        cuts = list(_cuts(runs, 1, _chunker(order)))
    sink = cast("Connection", FrameSink())
    with metered() as spent:
        for each in cuts:
            _send_chunk(sink, order, each, date_1904=False)
    return spent


def child() -> Spent:
    """All a reading child does, but for its confinement and the pipe."""
    order = read_order()
    with metered() as spent:
        run_child(order, FrameSink())
    return spent
