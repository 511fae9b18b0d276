"""What an event does to our own tables: each event once, whatever comes again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    Effect = Callable[[psycopg.Connection, "Event"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact: `ce_id` is the same however often it is stated."""

    topic: str
    ce_id: str
    ce_type: str
    body: dict[str, Any]


def handle(conn: psycopg.Connection, event: Event) -> bool:
    """Apply an event within the caller's transaction; return whether it was new to us.

    The insert and the effect commit together or not at all: that is all there is to "exactly once".
    """
    effect = EFFECTS.get((event.topic, event.ce_type))
    if effect is None or event.body.get("dryRun"):
        return False  # not for us, or of an import that wrote nothing
    new = conn.execute(
        "INSERT INTO sales.handled_events (ce_id) VALUES (%s) ON CONFLICT DO NOTHING",
        (event.ce_id,),
    ).rowcount
    if new:
        effect(conn, event)
    return bool(new)


def _count_chunk(conn: psycopg.Connection, event: Event) -> None:
    """Sums do not mind in which order chunks come, nor whether the end came first."""
    body = event.body
    conn.execute(
        """INSERT INTO sales.arrivals AS a (job_id, chunks, rows, rejected) VALUES (%s, 1, %s, %s)
           ON CONFLICT (job_id) DO UPDATE SET chunks = a.chunks + 1,
             rows = a.rows + excluded.rows, rejected = a.rejected + excluded.rejected""",
        (body["jobId"], body["inserted"] + body["updated"], body["failed"]),
    )


def _note_end(conn: psycopg.Connection, event: Event) -> None:
    """An import may end more than once: retried (run), corrected (healed), undone.

    Ends may come late, so the newest one is kept, not the last that came.
    """
    body = event.body
    rows = body["inserted"] + body["updated"] - body.get("undone", 0)
    conn.execute(
        """INSERT INTO sales.imports AS i (job_id, run, healed, is_undone, status, rows,
             correction_of) VALUES (%s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (job_id) DO UPDATE SET run = excluded.run, healed = excluded.healed,
             is_undone = excluded.is_undone, status = excluded.status, rows = excluded.rows
           WHERE (i.is_undone, i.run, i.healed)
               < (excluded.is_undone, excluded.run, excluded.healed)""",
        (
            body["jobId"],
            body["run"],
            body.get("healed", 0),
            body["status"] == "undone",
            body["status"],
            rows,
            body.get("correctionOf"),
        ),
    )
    conn.execute(
        "INSERT INTO sales.messages (ce_id, text) VALUES (%s, %s)",
        (event.ce_id, f"import {body['jobId']} is {body['status']}: {rows} rows"),
    )


RESULTS, JOB_EVENTS = "imports.results", "imports.job-events"
EFFECTS: dict[tuple[str, str], Effect] = {
    (RESULTS, "io.sluice.imports.chunk-written.v1"): _count_chunk,
    # It is on both topics, with one id. Taken from one, its rows are one instance's alone
    (JOB_EVENTS, "io.sluice.imports.job-finished.v1"): _note_end,
}
