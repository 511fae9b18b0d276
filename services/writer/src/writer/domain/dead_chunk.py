"""A record among the dead letters: what the ledger, the operators' list and the fact say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from sluice.events.rows_chunked import ChunkMeta
    from sluice.kafka.dead_letter import Delivery, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkName:
    """Which chunk, as far as a record's key or payload tells."""

    job_id: UUID
    chunk_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkExtent:
    """How much of the sheet a chunk is; nothing where its record cannot be read."""

    rows: int = 0
    first_line: int = 0
    last_line: int = 0
    covered_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRecord:
    """A record that has failed for good."""

    name: ChunkName | None
    extent: ChunkExtent
    delivery: Delivery
    failure: Failure
    failed_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burial:
    """What is on record of a dead chunk, and what came of it.

    `over_budget` is (run, code, message) of the job's failure when this letter was one too many;
    `halted` tells that all writers stand still from now on.
    """

    run: int
    replay_count: int
    attempts: int
    code: str
    extent: ChunkExtent
    over_budget: tuple[int, str, str] | None = None
    halted: bool = False


def name_of_key(key: bytes) -> ChunkName | None:
    """Return the chunk that a record's key names, `job:number`; None when it is no such key."""
    job, _, number = key.decode(errors="replace").rpartition(":")
    try:
        return ChunkName(job_id=UUID(job), chunk_no=_chunk_no(number))
    except ValueError:
        return None


def _chunk_no(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number < 2**31:
        raise ValueError("no chunk has this number")
    return number


def extent_of(meta: ChunkMeta) -> ChunkExtent:
    """Return the extent of a chunk that was read."""
    return ChunkExtent(
        rows=meta.rows,
        first_line=meta.first_line,
        last_line=meta.last_line,
        covered_bytes=meta.covered_bytes,
        sha256=meta.sha256,
    )
