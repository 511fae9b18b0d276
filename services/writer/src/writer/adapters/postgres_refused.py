"""The lines of a batch that its table refuses, and what people read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.job_layout import column_letter
from writer.adapters.postgres_bisection import refused_by_halves, refused_rows
from writer.adapters.postgres_search import ServerSearch
from writer.domain.conflicts import refusal_code
from writer.domain.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from sluice.db.pool import Connection
    from writer.adapters.postgres_bisection import Refusal
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch


def find_refused(
    conn: Connection,
    stage: Stage,
    batch: PreparedBatch,
    write: Callable[[pa.Table], object],
    moved: Callable[[], object],
) -> list[Rejection]:
    """Return a rejection of each line that is refused; nothing stays written.

    `write` writes some of the rows; `moved` is called as the search gets on.

    Raises:
        psycopg.Error: an error that is no row's fault.
    """
    server = ServerSearch(conn, stage, batch, moved)

    def search(part: pa.Table) -> dict[int, Refusal]:
        conn.execute(stage.format("renew_stage"))
        found = server.refused_of(part)
        if found is None:
            moved()
            found = refused_by_halves(conn, part, write)
        return found

    return rejections_of(batch, refused_rows(conn, batch.rows, search))


def rejections_of(batch: PreparedBatch, refused: Mapping[int, Refusal]) -> list[Rejection]:
    """Return the refused lines as they are stored."""
    texts = batch.texts_of(refused)
    return [_rejection(batch, line, refusal, texts[line]) for line, refusal in refused.items()]


def _rejection(
    batch: PreparedBatch, line: int, refusal: Refusal, cells: tuple[str | None, ...]
) -> Rejection:
    at = batch.plan.field_columns.get(refusal.field) if refusal.field else None
    return Rejection(
        sheet_line=line,
        chunk_no=batch.chunk_of(line),
        code=refusal_code(refusal.sqlstate),
        message=f"the database refuses the row: {refusal.message or 'no reason given'}",
        column_letter=None if at is None else column_letter(at),
        field=refusal.field,
        cells=cells,
    )
