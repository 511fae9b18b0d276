"""The rows of a job that were not written: rejected lines, and what no chunk covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sluice.db.statements import statement
from upload_api.domain.line_ranges import LineRanges
from upload_api.domain.unprocessed_lines import DeadChunk, UnprocessedLines, unprocessed_lines
from upload_api.domain.unwritten_rows import FailedLine

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE: Final = "upload_api"
PAGE_LINES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedFacts:
    """What must be known of a job's failed rows before the first of them is told."""

    open_lines: int
    widest: int
    corrected: int
    """So many chunks of corrections are written."""
    unstored: LineRanges
    """Lines whose cells are not kept."""


def failed_facts(conn: Connection, job_id: UUID) -> FailedFacts:
    values = {"job_id": job_id}
    row = conn.execute(statement(PACKAGE, "failed_rows_facts"), values).fetchone()
    open_lines, widest, corrected = row or (0, 0, 0)
    with conn.cursor() as cursor:
        lines = cursor.stream(statement(PACKAGE, "unstored_lines"), values, size=1000)
        unstored = LineRanges.of_lines(line for (line,) in lines)
    return FailedFacts(open_lines=open_lines, widest=widest, corrected=corrected, unstored=unstored)


def failed_page(conn: Connection, job_id: UUID, after: int) -> list[FailedLine]:
    """Return the next open lines behind a line, in sheet order."""
    values = {"job_id": job_id, "after": after, "limit": PAGE_LINES}
    lines = [line for (line,) in conn.execute(statement(PACKAGE, "open_lines_page"), values)]
    if not lines:
        return []
    values = {"job_id": job_id, "first": lines[0], "last": lines[-1]}
    texts: dict[int, tuple[str | None, ...]] = {}
    messages: dict[int, list[str]] = {}
    for line, cells, message in conn.execute(statement(PACKAGE, "kept_of_lines"), values):
        messages.setdefault(line, []).append(message)
        if cells is not None:
            texts[line] = tuple(cells)
    return [
        FailedLine(line=line, texts=texts.get(line), messages=tuple(messages.get(line, ())))
        for line in lines
    ]


def find_unprocessed(
    conn: Connection, job_id: UUID, header_line: int, otherwise: str
) -> UnprocessedLines:
    """Return what no written chunk covers; `otherwise`: why, where no chunk says it."""
    ledger = conn.execute(statement(PACKAGE, "written_ranges"), {"job_id": job_id}).fetchall()
    written = [(first, last) for outcome, first, last, _ in ledger if outcome == "written"]
    dead = [
        DeadChunk(first_line=first, last_line=last, code=code)
        for outcome, first, last, code in ledger
        if outcome == "dead"
    ]
    return unprocessed_lines(header_line, written, dead, otherwise)
