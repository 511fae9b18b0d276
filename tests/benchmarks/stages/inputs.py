"""What the stages work on: a workbook of orders, and its chunks as the reading child makes them."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import psycopg
import pyarrow as pa

from import_targets import load_target
from parser.adapters.read_order import CHUNK, HEADER, ReadOrder
from parser.adapters.sheet_child import _send_all
from parser.domain.chunk_policy import CHUNKER_VERSION
from parser.settings import ParserSettings
from sluice.confinement.reader_limits import ReaderLimits
from sluice.job_layout import JobLayout, MappedColumn
from sluice.storage import ReadableFile
from writer.settings import WriterSettings
from xlsx_reader import Workbook

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from import_targets import TargetDefinition

ORDERS = Path(__file__).parents[3] / "targets" / "orders.yaml"
FILE = "BENCH_FILE"
_NOWHERE = {
    "SLUICE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "SLUICE_DATABASE_URL": "postgresql://127.0.0.1:1/none",
    "SLUICE_REDIS_URL": "redis://127.0.0.1:1",
    "SLUICE_STORAGE_URL": "file:///nowhere",
    "SLUICE_ENVIRONMENT": "demo",
}


def parser_settings() -> ParserSettings:
    """Return what a parser would be told, so that chunks are cut as it cuts them."""
    return ParserSettings.from_env(_NOWHERE | os.environ)


def writer_settings() -> WriterSettings:
    """Return what a writer would be told."""
    return WriterSettings.from_env(_NOWHERE | os.environ)


def workbook_path() -> Path:
    return Path(os.environ[FILE])


def read_order(job_id: UUID | None = None) -> ReadOrder:
    """Return the order for a reading child to read the workbook whole."""
    with Workbook.open(workbook_path()) as workbook:
        sheet = workbook.default_sheet().name
    return ReadOrder(
        job_id=job_id or uuid4(),
        run=1,
        file=ReadableFile(str(workbook_path())),
        sheet=sheet,
        header_line=1,
        written=frozenset(),
        chunk_rows=parser_settings().chunk_rows,
        chunker_version=CHUNKER_VERSION,
        spill_dir=tempfile.gettempdir(),
        limits=ReaderLimits(),
    )


class FrameSink:
    """Stands for the pipe to the parser; the values go to a file, or nowhere."""

    def __init__(self, path: str = os.devnull) -> None:
        self._file = Path(path).open("w+b", buffering=0)  # noqa: SIM115 - as long as the sink
        self._sizes: list[tuple[int, int]] = []

    def send_bytes(self, frame: bytes) -> None:
        kind, chunk_no, _, size = HEADER.unpack_from(frame)
        if kind == CHUNK:
            self._sizes.append((chunk_no, size))

    def fileno(self) -> int:
        return self._file.fileno()

    def chunks(self) -> list[tuple[int, bytes]]:
        self._file.seek(0)
        return [(chunk_no, self._file.read(size)) for chunk_no, size in self._sizes]


def run_child(order: ReadOrder, sink: FrameSink) -> None:
    """Do a reading child's work, in this process and without its confinement."""
    pa.set_memory_pool(pa.system_memory_pool())
    _send_all(order, cast("Connection", sink))


def encoded_chunks(job_id: UUID | None = None) -> list[tuple[int, bytes]]:
    """Return the workbook's chunks by number, encoded."""
    with tempfile.NamedTemporaryFile() as values:
        sink = FrameSink(values.name)
        run_child(read_order(job_id), sink)
        return sink.chunks()


def insert_job(url: str, job_id: UUID) -> None:
    """Put a job of the workbook on record, so that a writer knows it."""
    definition = load_target(ORDERS)
    with psycopg.connect(url, autocommit=True) as conn:
        owner = conn.execute(
            "INSERT INTO sluice.users (username) VALUES (%s) RETURNING user_id", [str(job_id)]
        ).fetchone()
        assert owner is not None
        conn.execute(
            """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                   file_name, file_url, file_size_bytes, file_sha256)
               VALUES (%s, %s, 'orders', %s, 'insert', %s, 'f', 'file:///f', 1, '\\x00')""",
            [job_id, owner[0], json.dumps(definition.to_json()), _layout(definition)],
        )


def _layout(definition: TargetDefinition) -> str:
    columns = tuple(
        MappedColumn(index=index, header=column.name, field=column.name)
        for index, column in enumerate(definition.columns)
    )
    layout = JobLayout(sheet="orders", header_line=1, estimated_rows=0, columns=columns)
    return layout.model_dump_json(by_alias=True)
