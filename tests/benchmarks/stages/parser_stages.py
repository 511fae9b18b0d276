"""The parser's stages: inflate, read, cut into chunks, encode; and the child that does all four."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, cast

import pyarrow as pa
from tests.benchmarks.stages.inputs import (
    FrameSink,
    parser_settings,
    read_order,
    run_child,
    workbook_path,
)
from tests.benchmarks.stages.meter import metered

from parser.adapters.sheet_child import _cuts, _send_chunk
from parser.domain.chunk_policy import CHUNKER_VERSION, policy_of
from parser.domain.chunker import Chunker
from xlsx_reader import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from tests.benchmarks.stages.meter import Spent

    from parser.adapters.read_order import ReadOrder
    from parser.domain.chunker import Cut
    from xlsx_reader import RowRun


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
    policy = policy_of(CHUNKER_VERSION, parser_settings().chunk_rows)
    room = (policy.rows, policy.bytes)
    with metered() as spent, Workbook.open(workbook_path()) as workbook:
        for _ in workbook.runs(workbook.default_sheet(), lambda: room):
            pass
    return spent


def cut() -> Spent:
    """Make chunks of runs that are there already."""
    pa.set_memory_pool(pa.system_memory_pool())
    order = read_order()
    runs: list[RowRun] = []
    for _ in _cuts_of(order, runs):
        pass
    with metered() as spent:
        for _ in _cuts(iter(runs), 1, _chunker(order)):
            pass
    return spent


def _cuts_of(order: ReadOrder, seen: list[RowRun]) -> Iterator[Cut]:
    """Cut the workbook as a child does, and keep the runs that came."""
    chunker = _chunker(order)

    def noted(runs: Iterator[RowRun]) -> Iterator[RowRun]:
        for run in runs:
            seen.append(run)
            yield run

    with Workbook.open(workbook_path()) as workbook:
        runs = noted(workbook.runs(workbook.default_sheet(), chunker.room))
        yield from _cuts(runs, 1, chunker)


def _chunker(order: ReadOrder) -> Chunker:
    return Chunker(policy_of(order.chunker_version, order.chunk_rows))


def encode() -> Spent:
    """Hash and encode chunks that are cut already."""
    pa.set_memory_pool(pa.system_memory_pool())
    order = read_order()
    cuts = list(_cuts_of(order, []))
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
