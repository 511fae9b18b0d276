"""Turn what a row template took into columns of UTF-8 and tags, nearly all of it in C."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Self

from xlsx_reader.cell_values import Source
from xlsx_reader.cells import CellTag
from xlsx_reader.raw_texts import meant_texts
from xlsx_reader.row_shapes import RowTemplate, TemplateColumn, Variant
from xlsx_reader.taken_rows import OddRow, TakenRows
from xlsx_reader.tokenizer import MOST_RUN_BYTES, StringTable
from xlsx_reader.utf8_run import Utf8Texts

_STRING_SOURCES = frozenset({Source.INLINE, Source.STRING})


@dataclass(frozen=True, slots=True)
class BlockText:
    """What is known of a whole block, so that most columns need not be looked at."""

    is_ascii: bool
    has_references: bool
    has_escapes: bool

    @classmethod
    def of(cls, region: bytes) -> Self:
        has_escapes = ord("_") in region and b"_x" in region
        return cls(region.isascii(), ord("&") in region, has_escapes)

    @property
    def is_plain(self) -> bool:
        return self.is_ascii and not self.has_references and not self.has_escapes


class TemplateColumns:
    """Converts the groups of many rows at once; odd rows stand among them as rows of None."""

    def __init__(self, strings: StringTable, max_cell_chars: int) -> None:
        self._strings = strings
        self._max_cell_chars = max_cell_chars
        self._most_bytes = MOST_RUN_BYTES

    def columns(
        self,
        template: RowTemplate,
        rows: TakenRows,
        block: BlockText,
    ) -> tuple[list[Utf8Texts], list[bytes]]:
        """The texts and tags by column of all rows.

        Raises:
            TextsTooLarge: when there is more than one row, and their shared texts are too much.
            UnicodeDecodeError: a text is no UTF-8.
        """
        odd = rows.odd
        count = len(rows)
        width = max(
            template.columns[-1].index + 1, max((len(row.texts) for _, row in odd), default=0)
        )
        shared = sum(column.is_shared for column in template.columns)
        self._most_bytes = sys.maxsize if count == 1 else MOST_RUN_BYTES // max(shared, 1)
        nothing = [None] * count
        texts: list[Utf8Texts] = [nothing] * width
        tags: list[bytes] = [bytes(count)] * width
        for column in template.columns:
            texts[column.index], tags[column.index] = self._column(column, rows, block)
        if odd:
            _patch(texts, tags, odd)
        return texts, tags

    def _column(
        self, column: TemplateColumn, rows: TakenRows, block: BlockText
    ) -> tuple[Utf8Texts, bytes]:
        count, groups = len(rows), rows.groups
        if column.is_always_filled and not rows.odd:
            group, variant = column.groups[0]
            full = self._converted(variant, groups[group - 1], block)  # type: ignore[arg-type]  # no None
            if variant.source is Source.SHARED and self._may_hold_odd():
                return _told_apart(full, self._max_cell_chars)
            return full, bytes((variant.tag,)) * count
        texts: list[bytes | None] = [None] * count
        tags = bytearray(count)
        for group, variant in column.groups:
            self._spread(variant, groups[group - 1], block, texts, tags)
        if column.is_shared and self._may_hold_odd():
            _mark_too_long(texts, tags, self._max_cell_chars)
        return texts, bytes(tags)

    def _may_hold_odd(self) -> bool:
        """Whether a shared text may be empty or too long; few workbooks have any."""
        return self._strings.may_hold_empty or self._strings.longest > self._max_cell_chars

    def _spread(
        self,
        variant: Variant,
        found: Utf8Texts,
        block: BlockText,
        texts: list[bytes | None],
        tags: bytearray,
    ) -> None:
        present = list(filter(None, found))
        if not present:
            return
        tag = int(variant.tag)
        rows = compress(range(len(found)), found)
        for row, text in zip(rows, self._converted(variant, present, block), strict=True):
            if text:
                texts[row] = text
                tags[row] = tag

    def _converted(
        self, variant: Variant, raws: Sequence[bytes], block: BlockText
    ) -> Sequence[bytes]:
        if variant.source is Source.SHARED:
            return self._strings.texts(raws, self._most_bytes)
        if variant.source is Source.PADDED:
            return [raw.zfill(variant.pad) for raw in raws]
        if variant.source is Source.BOOL or block.is_plain:
            return raws
        return meant_texts(raws, may_have_escapes=variant.source in _STRING_SOURCES)


def _told_apart(texts: Sequence[bytes], max_chars: int) -> tuple[Utf8Texts, bytes]:
    """The texts and their tags, where some are empty and some too long."""
    shown: list[bytes | None] = [text or None for text in texts]
    tags = bytearray(CellTag.TEXT if text else CellTag.EMPTY for text in texts)
    _mark_too_long(shown, tags, max_chars)
    return shown, bytes(tags)


def _mark_too_long(texts: list[bytes | None], tags: bytearray, max_chars: int) -> None:
    for row, text in enumerate(texts):
        if text is not None and len(text) > max_chars:
            characters = text.decode()
            if len(characters) > max_chars:
                texts[row] = characters[:max_chars].encode()
                tags[row] = CellTag.CELL_TOO_LONG


def _patch(texts: list[Utf8Texts], tags: list[bytes], odd: Sequence[OddRow]) -> None:
    """Put the cells of the odd rows, read one by one, into their places."""
    for index in range(len(texts)):
        touched = [(at, row) for at, row in odd if index < len(row.texts) and row.tags[index]]
        if not touched:
            continue
        column = list(texts[index])
        column_tags = bytearray(tags[index])
        for at, row in touched:
            column[at] = (row.texts[index] or "").encode()
            column_tags[at] = row.tags[index]
        texts[index], tags[index] = column, bytes(column_tags)
