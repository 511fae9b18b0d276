"""Jobs, chunks and writers for the writer's tests, on a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg

from import_targets import TargetColumn, TargetDefinition
from sluice.clock import SystemClock
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of, content_sha256
from sluice.job_layout import JobLayout, MappedColumn
from sluice.settings import DatabaseSettings
from writer.adapters.import_target import TargetValidation
from writer.adapters.postgres_rejected import RejectedRows
from writer.adapters.postgres_session import PostgresSession
from writer.domain.batching import ChunkInHand, JobBatch
from writer.write_batch import BatchDone, BatchWriter

Row = tuple[str | None, ...]

ITEMS = TargetDefinition(
    name="items",
    kind="typed",
    table="items",
    columns=(
        TargetColumn(name="id", type="bigint", required=True),
        TargetColumn(name="name", type="text"),
        TargetColumn(name="amount", type="integer"),
    ),
    key=("id",),
)


def chunk_of(job_id: UUID, chunk_no: int, lines: Sequence[int], rows: Sequence[Row]) -> RowsChunked:
    """Return a chunk whose cells are all texts."""
    columns = list(zip(*rows, strict=True))
    tags = [bytes(CellTag.EMPTY if t is None else CellTag.TEXT for t in c) for c in columns]
    cells = cells_of(lines, columns, tags)
    meta = ChunkMeta(
        job_id=job_id,
        run=1,
        chunk_no=chunk_no,
        rows=len(lines),
        first_line=lines[0],
        last_line=lines[-1],
        covered_bytes=100,
        sha256=content_sha256(cells),
        chunker_version=1,
        date_1904=False,
    )
    return RowsChunked(meta=meta, cells=cells)


def chunks_of(job_id: UUID, rows: Sequence[Row], size: int) -> list[RowsChunked]:
    """Cut rows into chunks; row k is on sheet line k + 2."""
    return [
        chunk_of(
            job_id,
            number,
            range(start + 2, min(start + size, len(rows)) + 2),
            rows[start : start + size],
        )
        for number, start in enumerate(range(0, len(rows), size))
    ]


def batch_of(chunks: Sequence[RowsChunked]) -> JobBatch:
    """Return a batch of one job as the consumer would make it."""
    ordered = sorted(chunks, key=lambda chunk: chunk.meta.chunk_no)
    return JobBatch(ordered[0].meta.job_id, tuple(ChunkInHand(chunk, ()) for chunk in ordered))


def sheet(first: int, last: int) -> list[Row]:
    """Return rows of these ids."""
    return [(str(k), f"n{k}", "1") for k in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class World:
    """A migrated database with the table `items`, and a connection to look at it."""

    url: str
    conn: psycopg.Connection[Any]

    def new_job(
        self,
        mode: str = "insert",
        target: TargetDefinition = ITEMS,
        *,
        root: UUID | None = None,
        dry_run: bool = False,
    ) -> UUID:
        """Insert a job; a correction's file has the root's lines behind the target's columns."""
        job_id = uuid4()
        fields = [c.name for c in target.columns or ITEMS.columns]
        extra = [] if root is None else ["_row", "_errors"]
        layout = JobLayout(
            sheet="s",
            header_line=1,
            estimated_rows=0,
            columns=tuple(
                MappedColumn(index=i, header=name, field=name if i < len(fields) else None)
                for i, name in enumerate([*fields, *extra])
            ),
            line_column=None if root is None else len(fields),
        )
        owner = self.rows(
            "INSERT INTO sluice.users (username) VALUES (%s) RETURNING user_id", job_id
        )
        self.conn.execute(
            """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                   file_name, file_url, file_size_bytes, file_sha256, status, correction_of,
                   dry_run)
               VALUES (%s, %s, %s, %s, %s, %s, 'f.xlsx', 'file:///f', 1, '\\x00', 'processing',
                       %s, %s)""",
            [
                job_id,
                owner[0][0],
                target.name,
                json.dumps(target.to_json()),
                mode,
                layout.model_dump_json(by_alias=True),
                root,
                dry_run,
            ],
        )
        return job_id

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.conn.execute(
            query, [str(v) if isinstance(v, UUID) else v for v in values]
        ).fetchall()

    def sums(self, job_id: UUID) -> tuple[int, ...]:
        """Return the ledger's (chunks, rows, inserted, updated, skipped, failed)."""
        return self.rows(
            """SELECT count(*), sum(rows), sum(inserted), sum(updated), sum(skipped), sum(failed)
                 FROM sluice.chunks WHERE job_id = %s AND outcome = 'written'""",
            job_id,
        )[0]


class Hand:
    """A writer without Kafka: give it chunks, see what it did."""

    def __init__(self, url: str, max_stored_errors: int = 100_000, **session: str) -> None:
        defaults = {"lock_timeout": "3s", "statement_timeout": "30s"} | session
        self.session = PostgresSession(
            DatabaseSettings.from_env({"SLUICE_DATABASE_URL": url}), defaults
        )
        self.writer = BatchWriter(
            self.session,
            TargetValidation(),
            RejectedRows(max_stored_errors),
            SystemClock(),
            moved=self._moved,
        )
        self.moves = 0

    def _moved(self) -> None:
        self.moves += 1

    def write(self, *chunks: RowsChunked) -> BatchDone:
        prepared = self.writer.prepare(batch_of(chunks))
        assert prepared is not None
        return self.writer.write(prepared)
