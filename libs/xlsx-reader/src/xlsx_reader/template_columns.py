"""Turn the matches of a row template into columns of texts and tags, nearly all of it in C."""

from collections.abc import Sequence
from dataclasses import dataclass

from xlsx_reader.cell_rows import ReadRow
from xlsx_reader.cell_values import Source
from xlsx_reader.cells import CellTag
from xlsx_reader.row_shapes import RowTemplate, TemplateColumn, Variant
from xlsx_reader.tokenizer import StringTable
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

    def __init__(self, strings: StringTable) -> None:
        self._strings = strings

    def columns(
        self,
        template: RowTemplate,
        rows: Sequence[tuple[str | None, ...]],
        odd: Sequence[tuple[int, ReadRow]],
        block: BlockText,
    ) -> tuple[list[Texts], list[bytes]]:
        """The texts and tags by column of all rows."""
        groups = list(zip(*rows, strict=True))
        count = len(rows)
        width = max(
            template.columns[-1].index + 1, max((len(row.texts) for _, row in odd), default=0)
        )
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
            if variant.source is Source.SHARED and self._strings.may_hold_empty:
                return _without_empty(full)
            return full, bytes((variant.tag,)) * count
        texts: list[str | None] = [None] * count
        tags = bytearray(count)
        for group, variant in column.groups:
            self._spread(variant, groups[group], block, texts, tags)
        return texts, bytes(tags)

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
            return self._strings.texts(raws)
        if variant.source in _STRING_SOURCES:
            if block.has_references or block.has_escapes:
                return [decode_text(raw) if "&" in raw or "_x" in raw else raw for raw in raws]
        elif block.has_references and variant.source is Source.VALUE:
            return [decode_entities(raw) if "&" in raw else raw for raw in raws]
        return raws


def _without_empty(texts: Sequence[str]) -> tuple[Texts, bytes]:
    if "" not in texts:
        return texts, bytes((CellTag.TEXT,)) * len(texts)
    return [text or None for text in texts], bytes(
        CellTag.TEXT if text else CellTag.EMPTY for text in texts
    )


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
