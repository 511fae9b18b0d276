"""The counts of a chunk: every row is inserted, updated, skipped or failed, in one entry only."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from writer.domain.rejections import Rejection, rejected_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from sluice.events.rows_chunked import ChunkMeta


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A chunk that is written: what the fact `chunk-written` repeats."""

    chunk_no: int
    run: int
    rows: int
    inserted: int
    updated: int
    skipped: int
    failed: int
    first_line: int
    last_line: int
    covered_bytes: int
    sha256: str


class RisingLines(Sequence[int]):
    """Lines in the order of the sheet, left in Arrow: a million Python numbers take 0.1 s."""

    def __init__(self, lines: pa.ChunkedArray) -> None:
        self._lines = lines.combine_chunks()

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines.to_pylist())

    @overload
    def __getitem__(self, at: int) -> int: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...

    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        found = self._lines[at]
        lines: int | list[int] = found.to_pylist() if isinstance(at, slice) else found.as_py()
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOutcomes:
    """What became of the good rows, as sheet lines, and what was rejected in the end.

    A line that takes the place of another line of its own job counts once, for the line that lost:
    its own count stands in the other chunk's entry already. Where it takes the place of several,
    `freed` has it once for each of the others: their rows are gone, and so is one insert each.
    """

    inserted: Sequence[int] = ()
    updated: Sequence[int] = ()
    skipped: Sequence[int] = ()
    freed: Sequence[int] = ()
    rejections: tuple[Rejection, ...] = field(default=())


def entries_of(metas: Iterable[ChunkMeta], run: int, outcomes: LineOutcomes) -> list[LedgerEntry]:
    """Return the ledger entries of chunks that were written with these outcomes.

    Raises:
        ArithmeticError: a chunk's counts do not add up to its rows; nothing may be committed.
    """
    inserted, updated, skipped, freed = (
        lines if isinstance(lines, RisingLines) else sorted(lines)
        for lines in (outcomes.inserted, outcomes.updated, outcomes.skipped, outcomes.freed)
    )
    failed = Counter(chunk_no for _, chunk_no in rejected_lines(outcomes.rejections))
    entries = []
    for meta in metas:
        entry = LedgerEntry(
            chunk_no=meta.chunk_no,
            run=run,
            rows=meta.rows,
            inserted=_between(inserted, meta) - _between(freed, meta),
            updated=_between(updated, meta),
            skipped=_between(skipped, meta),
            failed=failed[meta.chunk_no],
            first_line=meta.first_line,
            last_line=meta.last_line,
            covered_bytes=meta.covered_bytes,
            sha256=meta.sha256,
        )
        _check(entry)
        entries.append(entry)
    return entries


def _between(lines: Sequence[int], meta: ChunkMeta) -> int:
    return bisect_right(lines, meta.last_line) - bisect_left(lines, meta.first_line)


def _check(entry: LedgerEntry) -> None:
    counted = entry.inserted + entry.updated + entry.skipped + entry.failed
    if counted != entry.rows:
        raise ArithmeticError(
            f"chunk {entry.chunk_no} has {entry.rows} rows and accounts for {counted}: "
            "the statement that wrote it and the one that counted disagree"
        )


def chunk_of_line(metas: Sequence[ChunkMeta], line: int) -> int:
    """Return the number of the chunk (of chunks by rising number) that a sheet line is in."""
    at = bisect_right([meta.first_line for meta in metas], line) - 1
    if at < 0 or line > metas[at].last_line:
        raise LookupError(f"sheet line {line} is in none of the chunks in hand")
    return metas[at].chunk_no
