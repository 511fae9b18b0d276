"""Step 2: claims, manifests and the ledger as the parser sees them, in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from parser.domain.chunk_policy import CHUNKER_VERSION, KNOWN_VERSIONS, rows_by_version
from parser.domain.claims import SMALL_FILE_ROWS, Claim, Renewal
from sluice.db.pool import connection_of
from sluice.db.statements import statement
from sluice.job_layout import JobLayout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from psycopg_pool import ConnectionPool

    from parser.domain.window import Window
    from sluice.db.pool import Connection


FIRST = (1, 1)
"""The run and the epoch of a job's first claim."""


class PostgresParses:
    """Every method may raise `Outage`; none waits for longer than the pool's timeout."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        worker: str,
        *,
        lease_s: float,
        lost_after_s: float,
        chunk_rows: int | None = None,
    ) -> None:
        """Join the parts; `chunk_rows` is the setting for jobs that are begun here."""
        self._pool = pool
        self._worker = worker
        self._lease_s = lease_s
        self._lost_after_s = lost_after_s
        self._rows_by_version = Jsonb(rows_by_version(chunk_rows))

    def claim_next(self, *, any_size: bool, take_expired: bool) -> Claim | None:
        """Claim the oldest job that wants parsing, or return None.

        Args:
            any_size: False takes only files that are estimated to be small.
            take_expired: False leaves alone what another parser's lease has run out on.
        """
        with connection_of(self._pool) as conn, conn.transaction():
            found = conn.execute(
                statement("parser", "find_work"),
                {
                    "any_size": any_size,
                    "small_rows": SMALL_FILE_ROWS,
                    "chunker_versions": list(KNOWN_VERSIONS),
                    "take_expired": take_expired,
                    "lost_after_s": self._lost_after_s,
                },
            ).fetchone()
            return None if found is None else self._claim(conn, found)

    def _claim(self, conn: Connection, found: tuple[Any, ...]) -> Claim:
        job_id, run, control_seq, file_url, file_sha256, layout, age_s, traceparent = found
        row = conn.execute(
            statement("parser", "claim"),
            {
                "job_id": job_id,
                "run": run,
                "control_seq": control_seq,
                "worker": self._worker,
                "lease_s": self._lease_s,
                "chunker_version": CHUNKER_VERSION,
                "rows_by_version": self._rows_by_version,
            },
        ).fetchone()
        if row is None:
            raise RuntimeError("an upsert that returns no row")
        return Claim(
            job_id=job_id,
            run=run,
            control_seq=control_seq,
            epoch=row[0],
            attempts=row[1],
            file_url=file_url,
            file_sha256=file_sha256,
            layout=JobLayout.model_validate(layout),
            manifest_known=row[2],
            chunker_version=row[3],
            chunk_rows=row[4],
            waited_s=age_s if (run, row[0]) == FIRST else None,
            traceparent=traceparent,
        )

    def renew(self, job_ids: list[UUID]) -> dict[tuple[UUID, int], Renewal]:
        """Keep the leases; return what stands now, by job and epoch. Lost ones are missing."""
        with connection_of(self._pool) as conn:
            rows = conn.execute(
                statement("parser", "renew"),
                {"job_ids": job_ids, "worker": self._worker, "lease_s": self._lease_s},
            ).fetchall()
        return {
            (job_id, epoch): Renewal(run=run, control_seq=control_seq, wanted=wanted)
            for job_id, epoch, run, control_seq, wanted in rows
        }

    def known_chunks(self, job_id: UUID) -> frozenset[int]:
        """Return the chunks that have an outcome: whoever wants one again takes it away first."""
        with connection_of(self._pool) as conn:
            rows = conn.execute(statement("parser", "known_chunks"), {"job_id": job_id})
            return frozenset(row[0] for row in rows)

    def settled_chunks(self, windows: Mapping[UUID, Window]) -> dict[UUID, set[int]]:
        """Return which outstanding chunks have an outcome by now, by job; one query for all."""
        pairs = [(job, no) for job, window in windows.items() for no in window.outstanding]
        settled: dict[UUID, set[int]] = {job: set() for job in windows}
        with connection_of(self._pool) as conn:
            rows: Iterable[tuple[UUID, int]] = conn.execute(
                statement("parser", "settled_chunks"),
                {"job_ids": [pair[0] for pair in pairs], "chunk_nos": [pair[1] for pair in pairs]},
            )
            for job_id, chunk_no in rows:
                settled[job_id].add(chunk_no)
        return settled

    def opened(self, claim: Claim, bytes_total: int) -> bool:
        return self._change("opened", claim, bytes_total=bytes_total)

    def end_with_manifest(self, claim: Claim, total_rows: int, total_chunks: int) -> bool:
        return self._change(
            "end_with_manifest", claim, total_rows=total_rows, total_chunks=total_chunks
        )

    def end_with_failure(self, claim: Claim, code: str, message: str) -> bool:
        return self._change("end_with_failure", claim, code=code, message=message)

    def release(self, claim: Claim) -> bool:
        return self._change("release", claim)

    def hold_off(self, claim: Claim, delay_s: float) -> bool:
        return self._change("hold_off", claim, delay_s=delay_s)

    def give_up_for_now(self, claim: Claim, delay_s: float) -> bool:
        return self._change("give_up_for_now", claim, delay_s=delay_s)

    def _change(self, name: str, claim: Claim, **values: object) -> bool:
        """Change the claim's row; False when another epoch has begun, and nothing was changed."""
        identity = {"job_id": claim.job_id, "epoch": claim.epoch, "worker": self._worker}
        with connection_of(self._pool) as conn:
            done = conn.execute(statement("parser", name), identity | values)
            return done.rowcount == 1
