"""Step 4: what the fold's agent and its timers share: the table's states, and what is untold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from progress_gateway.adapters.snapshot_writer import Publication
from progress_gateway.domain.chunk_trouble import retries_of
from progress_gateway.domain.origin import MEMBER, Origin
from progress_gateway.domain.pace import Pace
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.progress_codec import progress_from_json, progress_to_json
from progress_gateway.domain.progress_status import (
    ended_status,
    is_fragment,
    ledger_of,
    looks_finished,
    status_of,
)
from progress_gateway.domain.snapshot import SoftState, snapshot_of, view_of_progress
from progress_gateway.domain.untold import Untold
from sluice import tracing
from sluice.errors import Poison, UnknownVersion
from sluice.events import (
    RESULT_FACTS,
    ChunkWritten,
    Fact,
    ImportResumed,
    ImportWaiting,
    RowsHealed,
    RowsUndone,
    decode,
)
from sluice.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

log = structlog.get_logger(__name__)

REPAIR = "sluice-repair"
PARTITION = "p"
"""Beside the state in a table entry: the partition it belongs to, for its deletion."""


def decoded(headers: Mapping[str, bytes], value: bytes) -> Fact | None:
    """Return the fact of a record, or None when nobody can read it: the ledger repairs that."""
    try:
        return decode(RESULT_FACTS, headers, value)
    except (Poison, UnknownVersion) as error:
        log.warning("a record of imports.results was skipped", reason=str(error))
        return None


def stated_at_ms(headers: Mapping[str, bytes]) -> int:
    """Return `ce_time` in Unix milliseconds; 0 when there is none."""
    try:
        stated = datetime.fromisoformat(headers.get("ce_time", b"").decode())
    except ValueError:
        return 0
    return int(stated.timestamp() * 1000)


@dataclass(slots=True)
class FoldDesk:
    """Takes facts into the table and remembers which jobs are to be published."""

    table: MutableMapping[str, dict[str, Any]]
    untold: Untold = field(default_factory=Untold)
    paces: dict[str, Pace] = field(default_factory=dict)
    waits: dict[str, Waiting | str] = field(default_factory=dict)
    """What jobs wait for, untold; a text is the worker that waits no more."""
    origins: dict[str, Origin] = field(default_factory=dict)
    """What the next snapshot of a job is the first to show."""
    hints: set[str] = field(default_factory=set)
    """Jobs whose row should be written now: their status or their control has changed."""

    def take(
        self, headers: Mapping[str, bytes], value: bytes, partition: int, now_s: float
    ) -> Fact | None:
        """Fold one record; return its fact, None when it could not be read.

        Raises whatever is a bug: the caller must not let the record count as handled.
        """
        fact = decoded(headers, value)
        if fact is None:
            return None
        job_id = str(fact.job_id)
        if isinstance(fact, ImportWaiting | ImportResumed):
            self.waits[job_id] = _wait_of(fact)
            return fact
        before = progress_from_json(self.table.get(job_id))
        after = fold(before, fact, stated_at_ms(headers))
        if after != before:
            self.table[job_id] = progress_to_json(after) | {PARTITION: partition}
            if not isinstance(fact, RowsHealed | RowsUndone):
                self._note_pace(job_id, fact, (before, after), now_s)
            self._note_origin(job_id, fact, headers)
            if after.control != before.control or status_of(after) is not status_of(before):
                self.hints.add(job_id)
            # The settler waits for an end, and people for what they asked for
            self.untold.note([job_id], at_once=job_id in self.hints or looks_finished(after))
        return fact

    def _note_origin(self, job_id: str, fact: Fact, headers: Mapping[str, bytes]) -> None:
        """Note since when viewers wait for this: a fact that is stated again tells no COMMIT."""
        is_first = isinstance(fact, ChunkWritten) and REPAIR not in headers
        traceparent = headers.get("traceparent", b"").decode(errors="replace")
        origin = Origin(
            committed_at_ms=(stated_at_ms(headers) or None) if is_first else None,
            traceparent=traceparent if tracing.is_sampled(traceparent) else None,
        )
        held = self.origins.get(job_id)
        self.origins[job_id] = origin if held is None else held.joined(origin)

    def _note_pace(
        self, job_id: str, fact: Fact, step: tuple[JobProgress, JobProgress], now_s: float
    ) -> None:
        before, after = step
        pace = self.paces.setdefault(job_id, Pace())
        pace.count(now_s, ledger_of(after).processed_rows)
        if isinstance(fact, ChunkWritten):
            pace.recent.append(
                {
                    "chunkNo": fact.chunk_no,
                    "firstLine": fact.first_line,
                    "lastLine": fact.last_line,
                    "rows": fact.rows,
                    "failed": fact.failed,
                    "retries": retries_of(before.troubles, fact.chunk_no),
                    "at": round(now_s, 3),
                }
            )

    def unfinished(self) -> list[str]:
        """Return the jobs whose newest run has not ended, and forget the pace of the others."""
        open_jobs = [
            job_id
            for job_id, encoded in self.table.items()
            if ended_status(progress_from_json(encoded)) is None
        ]
        kept = self.untold.jobs.union(open_jobs)
        self.untold.forget_all_but(kept)
        self.paces = {job_id: pace for job_id, pace in self.paces.items() if job_id in kept}
        return open_jobs

    def publications(self, job_ids: Iterable[str], now_s: float) -> list[Publication]:
        """Return the current snapshots of these jobs, where there is something to show."""
        states = {
            job_id: progress_from_json(self.table[job_id])
            for job_id in job_ids
            if job_id in self.table
        }
        told = [
            self._publication(job_id, state, now_s)
            for job_id, state in states.items()
            if not is_fragment(state)
        ]
        self.hints.difference_update(each.job_id for each in told)
        return told

    def _publication(self, job_id: str, state: JobProgress, now_s: float) -> Publication:
        pace = self.paces.get(job_id)
        soft = SoftState() if pace is None else _soft(pace, now_s)
        view = view_of_progress(job_id, state)
        snapshot = snapshot_of(view, soft)
        if (origin := self.origins.pop(job_id, None)) is not None:
            snapshot[MEMBER] = origin.to_json()
        return Publication(
            job_id=job_id,
            version=view.version,
            soft="" if view.status.is_terminal else str(soft.rows_per_second),
            body=_json(snapshot),
            state=_json(self.table[job_id]),
            wants_settling=looks_finished(state) or job_id in self.hints,
        )


def _wait_of(fact: ImportWaiting | ImportResumed) -> Waiting | str:
    if isinstance(fact, ImportResumed):
        return fact.worker
    return Waiting(worker=fact.worker, dependency=fact.dependency, reason=fact.reason)


def _soft(pace: Pace, now_s: float) -> SoftState:
    return SoftState(rows_per_second=pace.rows_per_second(now_s), recent_batches=tuple(pace.recent))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
