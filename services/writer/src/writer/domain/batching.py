"""Which chunks share a transaction: those of one job, up to some limits, each once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sluice.events.rows_chunked import ChunkMeta, RowsChunked
    from sluice.kafka.partitions import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """What one transaction holds at most; one chunk is never too much.

    Rows, since what a transaction costs beside its rows is nothing any more from some 10,000 on;
    bytes, since a batch and the next one are in memory several times over.
    """

    chunks: int
    rows: int
    size_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ChunkInHand:
    """A chunk and the records that brought it: a copy in the same fetch is finished with it.

    `alone`: it has failed before, and would take its neighbours' transaction with it.
    """

    chunk: RowsChunked
    claims: tuple[Claim, ...]
    alone: bool = False
    size_bytes: int = 0

    @property
    def meta(self) -> ChunkMeta:
        return self.chunk.meta


@dataclass(frozen=True, slots=True)
class JobBatch:
    """What one transaction holds: chunks of one job, by rising number."""

    job_id: UUID
    chunks: tuple[ChunkInHand, ...]

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for chunk in self.chunks for claim in chunk.claims)

    @property
    def metas(self) -> tuple[ChunkMeta, ...]:
        return tuple(chunk.meta for chunk in self.chunks)

    def one_by_one(self) -> list[JobBatch]:
        """Return its chunks as batches of their own, so that one cannot fail another."""
        return [JobBatch(self.job_id, (chunk,)) for chunk in self.chunks]


def plan_batches(chunks: Sequence[ChunkInHand], limits: BatchLimits) -> list[JobBatch]:
    """Group what was fetched by job, the job with the fewest chunks first.

    A small file that came in the middle of a large one does not wait for its transactions.

    A chunk that came twice with the same content is written once. With another content it goes
    into a batch behind the first, where the ledger will tell that they differ. What has failed
    before goes alone.
    """
    jobs: dict[UUID, dict[tuple[int, str], ChunkInHand]] = {}
    for chunk in chunks:
        of_job = jobs.setdefault(chunk.meta.job_id, {})
        name = (chunk.meta.chunk_no, chunk.meta.sha256)
        twin = of_job.get(name)
        of_job[name] = (
            chunk
            if twin is None
            else replace(twin, claims=twin.claims + chunk.claims, alone=twin.alone or chunk.alone)
        )
    return [
        JobBatch(job_id, group)
        for job_id, of_job in sorted(jobs.items(), key=lambda job: len(job[1]))
        for group in _groups(list(of_job.values()), limits)
    ]


def fill_up(
    waiting: Sequence[JobBatch], chunks: Sequence[ChunkInHand], limits: BatchLimits
) -> tuple[list[JobBatch], list[ChunkInHand]]:
    """Put chunks into batches of their job that wait; return these and the chunks that are left.

    The batches stay in their order, and each keeps what it has. A copy joins the chunk it is a copy
    of; another content of a chunk that waits, and what has failed before, joins nothing.
    """
    filled, left = list(waiting), []
    for chunk in chunks:
        of_job = [at for at, batch in enumerate(filled) if batch.job_id == chunk.meta.job_id]
        same = [at for at in of_job if chunk.meta.chunk_no in _numbers(filled[at])]
        for at in same or of_job:
            joined = _joined(filled[at], chunk, limits)
            if joined is not None:
                filled[at] = joined
                break
        else:
            left.append(chunk)
    return filled, left


def _numbers(batch: JobBatch) -> set[int]:
    return {meta.chunk_no for meta in batch.metas}


def _joined(batch: JobBatch, chunk: ChunkInHand, limits: BatchLimits) -> JobBatch | None:
    """Return the batch with the chunk, by rising number; None where it cannot be."""
    if chunk.alone:
        return None
    number = chunk.meta.chunk_no
    twin = next((held for held in batch.chunks if held.meta.chunk_no == number), None)
    others = [held for held in batch.chunks if held is not twin]
    if twin is not None:
        if twin.meta.sha256 != chunk.meta.sha256:
            return None
        chunk = replace(twin, claims=twin.claims + chunk.claims)
    elif any(held.alone for held in others) or not _has_room(others, chunk, limits):
        return None
    by_number = sorted((*others, chunk), key=lambda held: held.meta.chunk_no)
    return JobBatch(batch.job_id, tuple(by_number))


def _groups(chunks: list[ChunkInHand], limits: BatchLimits) -> list[tuple[ChunkInHand, ...]]:
    first: dict[int, ChunkInHand] = {}
    apart = [
        chunk
        for chunk in chunks
        if chunk.alone or first.setdefault(chunk.meta.chunk_no, chunk) is not chunk
    ]
    groups: list[list[ChunkInHand]] = []
    for number in sorted(first):
        if not groups or not _has_room(groups[-1], first[number], limits):
            groups.append([])
        groups[-1].append(first[number])
    return [tuple(group) for group in groups] + [(chunk,) for chunk in apart]


def _has_room(group: Sequence[ChunkInHand], chunk: ChunkInHand, limits: BatchLimits) -> bool:
    rows = sum(held.meta.rows for held in group) + chunk.meta.rows
    size_bytes = sum(held.size_bytes for held in group) + chunk.size_bytes
    return len(group) < limits.chunks and rows <= limits.rows and size_bytes <= limits.size_bytes
