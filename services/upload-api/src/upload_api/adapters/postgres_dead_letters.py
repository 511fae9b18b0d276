"""The dead letters' table, as operators read and discard them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from sluice.db.statements import statement
from upload_api.adapters.postgres_audit import put_audit

if TYPE_CHECKING:
    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor
    from upload_api.domain.dead_letters import LetterFilter

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many letters there are by class, by job (None: of no job) and by state; most first."""

    total: int
    by_class: dict[str, int]
    by_job: dict[str | None, int]
    by_state: dict[str, int]


def filter_values(wanted: LetterFilter) -> dict[str, Any]:
    """Return a filter as parameters."""
    return {
        "ids": None if wanted.ids is None else list(wanted.ids),
        "job_id": wanted.job_id,
        "error_class": wanted.error_class,
        "states": None if wanted.states is None else [str(state) for state in wanted.states],
        "since": wanted.since,
        "until": wanted.until,
    }


def filter_json(wanted: LetterFilter) -> dict[str, Any]:
    """Return what a filter names, to be kept."""
    values = filter_values(wanted)
    return {
        name: value if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value is not None
    }


def list_letters(
    conn: Connection, wanted: LetterFilter, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return letters, newest first, older than `before`."""
    values = filter_values(wanted) | {"before": before, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_dead_letters"), values).fetchall()


def get_letter(conn: Connection, dead_letter_id: int) -> dict[str, Any] | None:
    """Return a letter's row, by column."""
    values = {"dead_letter_id": dead_letter_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "get_dead_letter"), values).fetchone()


def histogram(conn: Connection, wanted: LetterFilter, limit: int | None = None) -> Histogram:
    """Count the letters, the oldest `limit` of them."""
    counts: dict[str, dict[str | None, int]] = {"error_class": {}, "job_id": {}, "state": {}}
    total = 0
    values = filter_values(wanted) | {"max": limit}
    for kind, name, count in conn.execute(statement(PACKAGE, "count_dead_letters"), values):
        if kind == "total":
            total = count
        else:
            counts[kind][name] = count
    return Histogram(
        total=total,
        by_class={str(name): count for name, count in counts["error_class"].items()},
        by_job=counts["job_id"],
        by_state={str(name): count for name, count in counts["state"].items()},
    )


def discard_letters(conn: Connection, wanted: LetterFilter, reason: str, actor: Actor) -> int:
    """Give letters up, with a reason; return how many."""
    values = filter_values(wanted) | {"reason": reason}
    with conn.transaction():
        discarded = conn.execute(statement(PACKAGE, "discard_letters"), values).rowcount
        details = {"selection": filter_json(wanted), "reason": reason, "letters": discarded}
        put_audit(conn, "dlq_discarded", actor, wanted.job_id, details)
    return discarded
