"""What a cell's type, style and raw text mean: the one rule that every path follows."""

import re
from dataclasses import dataclass
from enum import IntEnum

from xlsx_reader.cells import CellTag
from xlsx_reader.errors import WorkbookError
from xlsx_reader.number_formats import number_in
from xlsx_reader.text_escapes import decode_escapes
from xlsx_reader.tokenizer import SheetContext

_LAST_EXCEL_COLUMN = 16_384  # XFD
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# 42 and POI's 42.0; of 12.5 the format 00000 would show 00013, so it stays the number that it is.
_WHOLE = re.compile(r"([0-9]{1,15})(?:\.0{1,9})?")
_TRUE = {"1": "1", "true": "1", "0": "0", "false": "0"}


class Source(IntEnum):
    """Where the text of a cell comes from, by its `t` attribute."""

    VALUE = 0  # numbers, errors, ISO dates: <v> as it stands
    SHARED = 1  # t="s": <v> is an index into the shared strings
    STRING = 2  # t="str": <v> is text, of a formula
    INLINE = 3  # t="inlineStr": <is>
    BOOL = 4
    PADDED = 5  # a number that its format shows with leading zeros


@dataclass(frozen=True, slots=True)
class CellHead:
    """What the attributes of a cell say about its content; `pad` counts for PADDED alone."""

    source: Source
    tag: CellTag
    pad: int = 0


_HEADS = {
    "s": CellHead(Source.SHARED, CellTag.TEXT),
    "str": CellHead(Source.STRING, CellTag.TEXT),
    "inlineStr": CellHead(Source.INLINE, CellTag.TEXT),
    "b": CellHead(Source.BOOL, CellTag.BOOL),
    "e": CellHead(Source.VALUE, CellTag.ERROR),
    "d": CellHead(Source.VALUE, CellTag.ISO_DATE),
}
_NUMBER_HEADS = {tag: CellHead(Source.VALUE, tag) for tag in CellTag}


def cell_head(context: SheetContext, kind: str | None, style: str | None, line: int) -> CellHead:
    """The head for the attributes `t` and `s`."""
    if kind is None or kind == "n":
        return _number_head(context, style)
    head = _HEADS.get(kind)
    if head is None:
        raise context.error(
            "CELL_TYPE_UNKNOWN",
            f"A cell has the type {kind[:20]!r}, which Excel does not know."
            " Save the workbook again with Excel.",
            line,
        )
    return head


def _number_head(context: SheetContext, style: str | None) -> CellHead:
    """The head of a number; a style beyond the table is that of a plain one."""
    styles = context.styles
    index = 0 if style is None else number_in(style)
    if index is None or index >= len(styles.tags):
        return _NUMBER_HEADS[CellTag.NUMBER]
    if styles.pads[index]:
        return CellHead(Source.PADDED, CellTag.TEXT, styles.pads[index])
    return _NUMBER_HEADS[CellTag(styles.tags[index])]


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
        raw = (cell.inline if cell.inline is not None else cell.value) or ""
        text, tag = decode_escapes(raw), CellTag.TEXT
    elif not cell.value:
        return _without_value(cell)
    else:
        raw = cell.value
        text, tag = _value_text(context, cell, line, column)
    if max(len(raw), len(text)) > context.limits.max_cell_chars:
        if max(len(raw), len(text)) > context.limits.max_held_cell_chars:
            raise too_long(context, line, column)
        if len(text) > context.limits.max_cell_chars:
            return text[: context.limits.max_cell_chars], CellTag.CELL_TOO_LONG
    return (text, tag) if text else (None, CellTag.EMPTY)


def _without_value(cell: RawCell) -> tuple[str | None, CellTag]:
    # A formula whose result is the empty text has an empty <v>; one never calculated has none.
    is_empty_text = cell.head.source is Source.STRING and cell.value is not None
    if cell.has_formula and not is_empty_text:
        return "", CellTag.FORMULA_NO_VALUE
    return None, CellTag.EMPTY


def _value_text(
    context: SheetContext, cell: RawCell, line: int, column: int
) -> tuple[str, CellTag]:
    value, head = cell.value or "", cell.head
    match head.source:
        case Source.SHARED:
            index = number_in(value.strip())
            if index is None:
                raise _no_such_string(context, value, line, column)
            return context.strings.text(index), head.tag
        case Source.STRING:
            return decode_escapes(value), head.tag
        case Source.BOOL:
            return _TRUE.get(value.strip().lower(), value), head.tag
        case Source.PADDED:
            whole = _WHOLE.fullmatch(value)
            return (whole[1].zfill(head.pad), head.tag) if whole else (value, CellTag.NUMBER)
        case _:
            return value, head.tag


def _no_such_string(context: SheetContext, value: str, line: int, column: int) -> WorkbookError:
    return context.error(
        "SHARED_STRING_MISSING",
        f"The cell points to the shared string {value[:20]!r}. Save the workbook again.",
        line,
        column_letters(column),
    )


def too_long(context: SheetContext, line: int | None, column: int | None) -> Exception:
    """The refusal of a cell with more text than is held."""
    return context.error(
        "CELL_TOO_LONG",
        f"A cell holds more than {context.limits.max_held_cell_chars} characters; Excel itself"
        f" takes {context.limits.max_cell_chars}. Shorten it.",
        line,
        None if column is None else column_letters(column),
    )


def row_too_long(context: SheetContext, line: int) -> WorkbookError:
    """The refusal of a row with more text than is held."""
    return context.error(
        "ROW_TOO_LONG",
        f"The row holds more than {context.limits.max_held_row_chars} characters. Shorten it.",
        line,
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
            f"A cell calls itself {reference[:20]!r}. Save the workbook again with Excel.",
            line,
        )
    check_order(context, line, column, previous)
    return column


def check_order(context: SheetContext, line: int, column: int, previous: int) -> None:
    if column >= _LAST_EXCEL_COLUMN:
        raise context.error(
            "CELL_REF_INVALID",
            "A row has more cells than Excel has columns. Save the workbook again with Excel.",
            line,
        )
    if column <= previous:
        raise context.error(
            "CELL_ORDER",
            "The cells of a row are not in order, or one stands twice. Save the workbook again.",
            line,
            column_letters(column),
        )


def check_width(context: SheetContext, line: int, column: int) -> None:
    """Refuse a filled cell right of the widest sheet allowed."""
    if column >= context.limits.max_columns:
        raise context.error(
            "TOO_MANY_COLUMNS",
            f"A cell stands right of column {context.limits.max_columns}, the last allowed."
            " Remove some columns.",
            line,
            column_letters(column),
        )


def check_line(context: SheetContext, line: int, previous: int) -> None:
    """Refuse a row number that Excel does not have, or that is not above the one before."""
    if not 1 <= line <= context.limits.max_rows:
        raise context.error(
            "TOO_MANY_ROWS",
            f"A row has the number {line}. Excel's rows are 1 to {context.limits.max_rows}.",
        )
    if line <= previous:
        raise context.error(
            "ROW_ORDER",
            f"Row {line} stands after row {previous}. Save the workbook again with Excel.",
            line,
        )
