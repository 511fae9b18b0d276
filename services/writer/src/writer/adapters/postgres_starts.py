"""Marks of records taken alone in hand: what is left of one whose process died with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from writer.adapters.postgres_errors import asking
from writer.adapters.sql_files import statement

if TYPE_CHECKING:
    from sluice.kafka.partitions import Claim
    from writer.adapters.postgres_session import PostgresSession


class ChunkStarts:
    """Each call is a commit of its own; raises `Outage` or `Transient`: ask again."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    def mark(self, claim: Claim) -> int:
        """Note that a record is taken in hand; return how often before it was and never ended."""
        with asking():
            row = (
                self._session.connection()
                .execute(statement("mark_start"), _values(claim))
                .fetchone()
            )
        return 0 if row is None else int(row[0]) - 1

    def clear(self, claim: Claim) -> None:
        """Note that the record has come to its end, or was put down on purpose."""
        with asking():
            self._session.connection().execute(statement("clear_start"), _values(claim))

    def forget(self, claim: Claim) -> None:
        """Forget what counts no more, at the first record of a partition's new tenure.

        An owner that took its leave (the record is not claimed with care) left no death behind.
        """
        values = _values(claim) | {"from_offset": claim.offset, "all": not claim.with_care}
        with asking():
            self._session.connection().execute(statement("forget_starts"), values)


def _values(claim: Claim) -> dict[str, Any]:
    source = claim.source
    return {
        "topic": source.topic,
        "partition": source.partition,
        "kafka_offset": claim.offset,
    }
