"""Step 4: what went wrong with a chunk that is not written; of two such facts the higher counts.

The rank is `run * 64 + replay * 8 + step`, where a step is the attempt that comes next, or `DEAD`.
So a repeat in a newer run, or after a replay, is above the dead letter before it, and all of them
are below `WRITTEN_RANK`: a version that sums up ranks only rises.
"""

from __future__ import annotations

from dataclasses import dataclass

from sluice.events import ChunkDeadLettered, ChunkRetrying

WRITTEN_RANK = 1 << 16
DEAD = 7
_REPLAY, _RUN = 8, 64
_MAX_RUN, _MAX_REPLAY, _MAX_ATTEMPT = 1022, 7, DEAD - 1


def rank_of(run: int, replay: int, step: int) -> int:
    """Return the rank; what exceeds its digit counts as the digit's highest value."""
    return min(run, _MAX_RUN) * _RUN + min(replay, _MAX_REPLAY) * _REPLAY + step


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ChunkTrouble:
    """The newest failure of one chunk; ordered, so that the greater of two is always the same."""

    chunk_no: int
    rank: int
    code: str = ""
    max_attempts: int = 0
    delay_s: float = 0.0
    first_line: int = 0
    last_line: int = 0
    """Of the sheet; 0: unknown."""

    @property
    def run(self) -> int:
        return self.rank // _RUN

    @property
    def attempt(self) -> int:
        """The one that comes next; `DEAD` when none does."""
        return self.rank % _REPLAY

    @property
    def is_dead(self) -> bool:
        return self.attempt == DEAD

    @property
    def retries(self) -> int:
        """How often it was tried again, the attempt that comes next included; 0 when none does."""
        return 0 if self.is_dead else max(0, self.attempt - 1)


def trouble_of(fact: ChunkRetrying | ChunkDeadLettered) -> ChunkTrouble:
    """Return what a fact says of its chunk; a dead one keeps no more than its rank and code."""
    match fact:
        case ChunkRetrying():
            return ChunkTrouble(
                chunk_no=fact.chunk_no,
                rank=rank_of(fact.run, fact.replay, min(fact.attempt, _MAX_ATTEMPT)),
                code=fact.code,
                max_attempts=fact.max_attempts,
                delay_s=fact.delay_s,
                first_line=fact.first_line or 0,
                last_line=fact.last_line or 0,
            )
        case ChunkDeadLettered():
            rank = rank_of(fact.run, fact.replay, DEAD)
            return ChunkTrouble(chunk_no=fact.chunk_no, rank=rank, code=fact.code)


def with_trouble(
    troubles: tuple[ChunkTrouble, ...], trouble: ChunkTrouble
) -> tuple[ChunkTrouble, ...]:
    """Return the troubles by chunk, with one more; the greater one of its chunk stays."""
    by_chunk = {each.chunk_no: each for each in troubles}
    by_chunk[trouble.chunk_no] = max(trouble, by_chunk.get(trouble.chunk_no, trouble))
    return tuple(sorted(by_chunk.values()))


def retries_of(troubles: tuple[ChunkTrouble, ...], chunk_no: int) -> int:
    """Return how often a chunk was tried again, as far as it is known."""
    return next((each.retries for each in troubles if each.chunk_no == chunk_no), 0)


def without_chunk(troubles: tuple[ChunkTrouble, ...], chunk_no: int) -> tuple[ChunkTrouble, ...]:
    """Return the troubles of the other chunks."""
    return tuple(each for each in troubles if each.chunk_no != chunk_no)
