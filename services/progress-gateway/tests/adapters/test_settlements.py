"""What the settler states again is what the writer said, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import Connection, connect

from progress_gateway.adapters.settlements import chunk_facts
from sluice.events import RejectedLine

if TYPE_CHECKING:
    from uuid import UUID


def reject(conn: Connection[Any], job_id: UUID, line: int, codes: list[str]) -> None:
    for error_no, code in enumerate(codes):
        conn.execute(
            """INSERT INTO sluice.rejected_rows
                 (job_id, sheet_line, error_no, chunk_no, column_letter, code, message)
               VALUES (%s, %s, %s, 0, 'C', %s, 'no')""",
            [job_id, line, error_no, code],
        )


def test_a_fact_that_is_stated_again_names_the_same_rejected_lines(
    ledger: Any, database_url: str
) -> None:
    """It named none: of two records with one event id, the second told another story."""
    ledger.add_parse(total_rows=2000, total_chunks=2)
    ledger.add_chunk(0, failed=6)
    ledger.add_chunk(1)
    with connect(database_url, autocommit=True) as conn:
        for line in (9, 3, 4, 5, 7, 8):
            reject(conn, ledger.job_id, line, ["PATTERN", "TOO_LONG"])
        bad, good = chunk_facts(conn, ledger.job_id, [0, 1])
    assert bad.rejected == tuple(
        RejectedLine(line=line, column="C", code="PATTERN") for line in (3, 4, 5, 7, 8)
    )
    assert good.rejected == ()
