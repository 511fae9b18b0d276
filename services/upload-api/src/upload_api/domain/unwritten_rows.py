"""Rows that were not written, put together of what is kept of them and what the file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sluice.corrections import restored
from upload_api.domain.result_rows import ResultRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upload_api.domain.unprocessed_lines import UnprocessedLines

FileRow = tuple[int, tuple[str | None, ...]]
NOT_KEPT: Final = "The reason is not kept: the job has more errors than are stored."
NO_CELLS: Final = "The cells are not kept, and cannot be read again from the file."


class RowsUnreadable(Exception):
    """The file cannot be read again, or not to its end; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLine:
    """An open rejected line; `texts` is None when its cells are not kept."""

    line: int
    texts: tuple[str | None, ...] | None
    messages: tuple[str, ...]


def failed_rows(
    lines: Iterable[FailedLine], file_rows: Iterator[FileRow], *, are_guarded: bool
) -> Iterator[ResultRow]:
    """Yield every failed line, in order; cells that are not kept come from the file.

    `file_rows` rises too and may hold lines that are not asked for: those were healed meanwhile.
    `are_guarded`: the file is a corrected one, whose texts are still kept from being formulas;
    those of kept cells are not.
    """
    again = _ReadAgain(_plain(file_rows, are_guarded=are_guarded))
    for failed in lines:
        told = "; ".join(failed.messages) or NOT_KEPT
        texts = failed.texts if failed.texts is not None else again.texts_of(failed.line)
        if texts is None:
            texts, told = (), f"{told} {NO_CELLS}"
        yield ResultRow(failed.line, texts, told)


def unprocessed_rows(
    lines: UnprocessedLines, file_rows: Iterator[FileRow], *, are_guarded: bool
) -> Iterator[ResultRow]:
    """Yield the rows that the file holds, each with why it was not processed.

    Where the file cannot be read on, the last row says so. `are_guarded`: the file is a corrected
    one, whose texts are still kept from being formulas.
    """
    try:
        for line, texts in _plain(file_rows, are_guarded=are_guarded):
            yield ResultRow(line, texts, lines.why(line))
    except RowsUnreadable as error:
        yield ResultRow(None, (), f"From here on the file cannot be read: {error}")


def _plain(rows: Iterator[FileRow], *, are_guarded: bool) -> Iterator[FileRow]:
    for line, texts in rows:
        yield line, tuple(restored(t) if t else t for t in texts) if are_guarded else texts


class _ReadAgain:
    """Finds rising lines in rows that rise; when reading breaks off, what is left has no texts."""

    def __init__(self, rows: Iterator[FileRow]) -> None:
        self._rows = rows
        self._next: FileRow | None = (0, ())

    def texts_of(self, line: int) -> tuple[str | None, ...] | None:
        while self._next is not None and self._next[0] < line:
            self._next = self._step()
        return self._next[1] if self._next is not None and self._next[0] == line else None

    def _step(self) -> FileRow | None:
        try:
            return next(self._rows, None)
        except RowsUnreadable:
            return None
