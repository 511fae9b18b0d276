"""Batches that wait for their turn; while one is written, the next is prepared beside it.

A writer that does one thing after the other leaves PostgreSQL idle while it validates, and is idle
itself while PostgreSQL copies. The thread here touches nothing but a batch that nobody else has in
hand; what is asked of the database, and whatever goes wrong, stays with the loop.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from writer.domain.batching import fill_up, plan_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future

    from writer.domain.batching import BatchLimits, ChunkInHand, JobBatch
    from writer.domain.prepared import PreparedBatch
    from writer.prepare_batch import Made
    from writer.write_batch import BatchWriter


class BatchesAhead:
    """The line; belongs to the loop's thread."""

    def __init__(self, writer: BatchWriter, limits: BatchLimits) -> None:
        self._writer = writer
        self._limits = limits
        self._line: deque[JobBatch] = deque()
        self._thread = ThreadPoolExecutor(1, "prepare-ahead")
        self._begun: tuple[JobBatch, Future[Made]] | None = None

    def __len__(self) -> int:
        return len(self._line)

    @property
    def waiting(self) -> Iterable[JobBatch]:
        return tuple(self._line)

    def add(self, chunks: Sequence[ChunkInHand]) -> None:
        """Line up chunks: with waiting ones of their job while there is room, the rest behind all.

        Fetches of ten chunks, each planned by itself, left a chunk alone behind three batches. But
        nothing goes before what waits: planned anew with those that came later, a job of two
        chunks waited for as long as others of one chunk came, and its partition's offset stood.
        """
        is_begun = self._begun is not None and self._line and self._begun[0] is self._line[0]
        begun = [self._line.popleft()] if is_begun else []
        waiting, left = fill_up(self._line, chunks, self._limits)
        self._line = deque([*begun, *waiting, *plan_batches(left, self._limits)])

    def take(self) -> JobBatch:
        """Return the batch whose turn it is; raises IndexError when there is none."""
        return self._line.popleft()

    def prepared(self, batch: JobBatch) -> PreparedBatch | None:
        """Return the batch as the thread prepared it, once; raises what its preparing raised.

        From here on the next batch is prepared.
        """
        begun = self._begun
        is_this = begun is not None and begun[0] is batch
        following = self._line[0] if self._line else None
        if begun is None or begun[0] is not following:
            self._begun = self._begin(following)
        return begun[1].result().noted() if begun is not None and is_this else None

    def close(self) -> None:
        self._line.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begin(self, batch: JobBatch | None) -> tuple[JobBatch, Future[Made]] | None:
        prepare = None if batch is None else self._writer.ahead(batch)
        return None if batch is None or prepare is None else (batch, self._thread.submit(prepare))
