"""Turn the matches of a row template into columns of texts and tags, nearly all of it in C."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from xlsx_reader.cell_rows import ReadRow
from xlsx_reader.cell_values import Source
from xlsx_reader.cells import CellTag
from xlsx_reader.row_shapes import RowTemplate, TemplateColumn, Variant
from xlsx_reader.tokenizer import MOST_RUN_BYTES, StringTable
from xlsx_reader.xml_text import decode_entities, decode_text

_STRING_SOURCES = frozenset({Source.INLINE, Source.STRING})
Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class BlockText:
    """What is known of a whole block, so that most columns need not be looked at."""

    has_references: bool
    has_escapes: bool


class TemplateColumns:
    """Converts the groups of many rows at once; odd rows stand among them as rows of None."""

    def __init__(self, strings: StringTable, max_cell_chars: int) -> None:
        self._strings = strings
        self._max_cell_chars = max_cell_chars
        self._most_bytes = MOST_RUN_BYTES

    def columns(
        self,
        template: RowTemplate,
        rows: Sequence[tuple[str | None, ...]],
        odd: Sequence[tuple[int, ReadRow]],
        block: BlockText,
    ) -> tuple[list[Texts], list[bytes]]:
        """The texts and tags by column of all rows.

        Raises:
            TextsTooLarge: when there is more than one row, and their shared texts are too much.
        """
        groups = list(zip(*rows, strict=True))
        count = len(rows)
        width = max(
            template.columns[-1].index + 1, max((len(row.texts) for _, row in odd), default=0)
        )
        shared = sum(column.is_shared for column in template.columns)
        self._most_bytes = sys.maxsize if count == 1 else MOST_RUN_BYTES // max(shared, 1)
        nothing = [None] * count
        texts: list[Texts] = [nothing] * width
        tags: list[bytes] = [bytes(count)] * width
        for column in template.columns:
            texts[column.index], tags[column.index] = self._column(
                column, groups, block, has_odd=bool(odd)
            )
        if odd:
            _patch(texts, tags, odd)
        return texts, tags

    def _column(
        self,
        column: TemplateColumn,
        groups: list[tuple[str | None, ...]],
        block: BlockText,
        *,
        has_odd: bool,
    ) -> tuple[Texts, bytes]:
        count = len(groups[0])
        if column.is_always_filled and not has_odd:
            group, variant = column.groups[0]
            full = self._converted(variant, groups[group], block)  # type: ignore[arg-type]  # no None
            if variant.source is Source.SHARED and self._may_hold_odd():
                return _told_apart(full, self._max_cell_chars)
            return full, bytes((variant.tag,)) * count
        texts: list[str | None] = [None] * count
        tags = bytearray(count)
        for group, variant in column.groups:
            self._spread(variant, groups[group], block, texts, tags)
        if column.is_shared and self._may_hold_odd():
            _mark_too_long(texts, tags, self._max_cell_chars)
        return texts, bytes(tags)

    def _may_hold_odd(self) -> bool:
        """Whether a shared text may be empty or too long; few workbooks have any."""
        return self._strings.may_hold_empty or self._strings.longest > self._max_cell_chars

    def _spread(
        self,
        variant: Variant,
        found: tuple[str | None, ...],
        block: BlockText,
        texts: list[str | None],
        tags: bytearray,
    ) -> None:
        present = [text for text in found if text is not None]
        if not present:
            return
        tag = int(variant.tag)
        converted = iter(self._converted(variant, present, block))
        for row, raw in enumerate(found):
            if raw is not None:
                text = next(converted)
                if text:
                    texts[row] = text
                    tags[row] = tag

    def _converted(self, variant: Variant, raws: Sequence[str], block: BlockText) -> Sequence[str]:
        if variant.source is Source.SHARED:
            return self._strings.texts(raws, self._most_bytes)
        if variant.source is Source.PADDED:
            return [raw.zfill(variant.pad) for raw in raws]
        if variant.source in _STRING_SOURCES:
            if block.has_references or block.has_escapes:
                return [decode_text(raw) if "&" in raw or "_x" in raw else raw for raw in raws]
        elif block.has_references and variant.source is Source.VALUE:
            return [decode_entities(raw) if "&" in raw else raw for raw in raws]
        return raws


def _told_apart(texts: Sequence[str], max_chars: int) -> tuple[Texts, bytes]:
    """The texts and their tags, where some are empty and some too long."""
    shown: list[str | None] = [text or None for text in texts]
    tags = bytearray(CellTag.TEXT if text else CellTag.EMPTY for text in texts)
    _mark_too_long(shown, tags, max_chars)
    return shown, bytes(tags)


def _mark_too_long(texts: list[str | None], tags: bytearray, max_chars: int) -> None:
    for row, text in enumerate(texts):
        if text is not None and len(text) > max_chars:
            texts[row] = text[:max_chars]
            tags[row] = CellTag.CELL_TOO_LONG


def _patch(texts: list[Texts], tags: list[bytes], odd: Sequence[tuple[int, ReadRow]]) -> None:
    """Put the cells of the odd rows, read one by one, into their places."""
    for index in range(len(texts)):
        touched = [(at, row) for at, row in odd if index < len(row.texts) and row.tags[index]]
        if not touched:
            continue
        column = list(texts[index])
        column_tags = bytearray(tags[index])
        for at, row in touched:
            column[at] = row.texts[index]
            column_tags[at] = row.tags[index]
        texts[index], tags[index] = column, bytes(column_tags)
