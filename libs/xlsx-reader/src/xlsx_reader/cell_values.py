"""What a cell's type, style and raw text mean: the one rule that every path follows."""

import re
from dataclasses import dataclass
from enum import IntEnum

from xlsx_reader.cells import CellTag
from xlsx_reader.text_escapes import decode_escapes
from xlsx_reader.tokenizer import SheetContext

_LAST_EXCEL_COLUMN = 16_384  # XFD
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TRUE = {"1": "1", "true": "1", "0": "0", "false": "0"}


class Source(IntEnum):
    """Where the text of a cell comes from, by its `t` attribute."""

    VALUE = 0  # numbers, errors, ISO dates: <v> as it stands
    SHARED = 1  # t="s": <v> is an index into the shared strings
    STRING = 2  # t="str": <v> is text, of a formula
    INLINE = 3  # t="inlineStr": <is>
    BOOL = 4


@dataclass(frozen=True, slots=True)
class CellHead:
    """What the attributes of a cell say about its content."""

    source: Source
    tag: CellTag


_HEADS = {
    "s": CellHead(Source.SHARED, CellTag.TEXT),
    "str": CellHead(Source.STRING, CellTag.TEXT),
    "inlineStr": CellHead(Source.INLINE, CellTag.TEXT),
    "b": CellHead(Source.BOOL, CellTag.BOOL),
    "e": CellHead(Source.VALUE, CellTag.ERROR),
    "d": CellHead(Source.VALUE, CellTag.ISO_DATE),
}
_NUMBER_HEADS = {tag: CellHead(Source.VALUE, tag) for tag in CellTag}


def cell_head(context: SheetContext, kind: str | None, style: str | None) -> CellHead:
    """The head for the attributes `t` and `s`; a style beyond the table is a plain number's."""
    if kind is None or kind == "n":
        index = int(style) if style is not None and style.isdecimal() and style.isascii() else 0
        known = index < len(context.style_tags)
        return _NUMBER_HEADS[CellTag(context.style_tags[index]) if known else CellTag.NUMBER]
    head = _HEADS.get(kind)
    if head is None:
        raise context.error(
            "CELL_TYPE_UNKNOWN", f"a cell has the type {kind[:20]!r}, which Excel does not know"
        )
    return head


class ColumnIndexes(dict[str, int]):
    """Column letters to indexes from 0 (A); fills itself. Raises KeyError past XFD."""

    def __missing__(self, letters: str) -> int:
        index = 0
        for letter in letters:
            index = index * 26 + ord(letter) - 64
        if not letters or index > _LAST_EXCEL_COLUMN:
            raise KeyError(letters)
        self[letters] = index - 1
        return index - 1


def column_letters(index: int) -> str:
    """The letters of a column index from 0: 0 is A."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell before its meaning is known: entities decoded, `_x` escapes not.

    `value` is None without a <v>, `inline` is None without an <is>.
    """

    head: CellHead
    has_formula: bool
    value: str | None
    inline: str | None


def cell_text(
    context: SheetContext, cell: RawCell, line: int, column: int
) -> tuple[str | None, CellTag]:
    """The text and tag of a cell; (None, EMPTY) when there is nothing in it."""
    head = cell.head
    if head.source is Source.INLINE or (cell.value is None and cell.inline):
        text = cell.inline if cell.inline is not None else cell.value
        text, tag = decode_escapes(text or ""), CellTag.TEXT
    elif not cell.value:
        return _without_value(cell)
    else:
        text, tag = _value_text(context, cell, line, column), head.tag
    if len(text) > context.limits.max_cell_chars:
        raise too_long(context, line, column)
    return (text, tag) if text else (None, CellTag.EMPTY)


def _without_value(cell: RawCell) -> tuple[str | None, CellTag]:
    # A formula whose result is the empty text has an empty <v>; one never calculated has none.
    is_empty_text = cell.head.source is Source.STRING and cell.value is not None
    if cell.has_formula and not is_empty_text:
        return "", CellTag.FORMULA_NO_VALUE
    return None, CellTag.EMPTY


def _value_text(context: SheetContext, cell: RawCell, line: int, column: int) -> str:
    value = cell.value or ""
    source = cell.head.source
    if source is Source.SHARED:
        if not value.strip().isdecimal():
            raise context.error(
                "SHARED_STRING_MISSING",
                f"the cell points to the shared string {value[:20]!r}; save the workbook anew",
                line,
                column_letters(column),
            )
        return context.strings.text(int(value))
    if source is Source.STRING:
        return decode_escapes(value)
    if source is Source.BOOL:
        return _TRUE.get(value.strip(), value)
    return value


def too_long(context: SheetContext, line: int | None, column: int | None) -> Exception:
    """The refusal of a cell with more text than Excel allows."""
    return context.error(
        "CELL_TOO_LONG",
        f"a cell holds more than {context.limits.max_cell_chars} characters; shorten it",
        line,
        None if column is None else column_letters(column),
    )


def _column_in_line(columns: ColumnIndexes, match: re.Match[str] | None, line: int) -> int | None:
    """The column index a reference names; None unless it names a column of `line`."""
    if match is None or int(match[2]) != line:
        return None
    try:
        return columns[match[1]]
    except KeyError:
        return None


def checked_column(
    context: SheetContext, columns: ColumnIndexes, reference: str, line: int, previous: int
) -> int:
    """The column index of a cell reference, which must lie in `line` and right of `previous`."""
    match = _REFERENCE.fullmatch(reference)
    column = _column_in_line(columns, match, line)
    if column is None:
        raise context.error(
            "CELL_REF_INVALID",
            f"a cell calls itself {reference[:20]!r}; save the workbook anew",
            line,
        )
    check_order(context, line, column, previous)
    return column


def check_order(context: SheetContext, line: int, column: int, previous: int) -> None:
    if column <= previous:
        raise context.error(
            "CELL_ORDER",
            "the cells of a row are not in order, or one stands twice; save the workbook anew",
            line,
            column_letters(column),
        )


def check_width(context: SheetContext, line: int, column: int) -> None:
    """Refuse a filled cell right of the widest sheet allowed."""
    if column >= context.limits.max_columns:
        raise context.error(
            "TOO_MANY_COLUMNS",
            f"there are more than {context.limits.max_columns} columns; remove some",
            line,
            column_letters(column),
        )


def check_line(context: SheetContext, line: int, previous: int) -> None:
    """Refuse a row number that Excel does not have, or that is not above the one before."""
    if not 1 <= line <= context.limits.max_rows:
        raise context.error(
            "TOO_MANY_ROWS",
            f"a row has the number {line}; Excel's rows are 1 to {context.limits.max_rows}",
        )
    if line <= previous:
        raise context.error(
            "ROW_ORDER",
            f"row {line} stands after row {previous}; sort or save the workbook anew",
            line,
        )
