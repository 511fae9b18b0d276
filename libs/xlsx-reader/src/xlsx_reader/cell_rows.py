"""The per-cell path: one regular expression takes a cell at a time, for rows of any shape."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from xlsx_reader.cell_values import CellHead, RawCell, Source, cell_text, check_line, check_width
from xlsx_reader.cells import CellTag
from xlsx_reader.errors import WorkbookError
from xlsx_reader.row_plans import RowPlan, RowPlans
from xlsx_reader.strict_rows import strict_row
from xlsx_reader.tokenizer import SheetContext
from xlsx_reader.xml_text import MalformedText, decode_entities

_ROW = re.compile(r'\s*<row(?: r="([0-9]{1,9})")?((?:\s+[\w:.-]+="[^"<]*")*)\s*(/?)>')
_NUMBERED = re.compile(r'\sr="')
# However unusual it is written: quotes of either kind, `>` within them, the number anywhere.
_EMPTY_ROW = re.compile(r"""\s*<row(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*+\s*/>""")
_ROW_END = "</row>"
# A cell of any other form makes the whole row one for the strict path.
_CELL = re.compile(
    r'<c(?: r="([A-Z]{1,3})([0-9]{1,7})")?'
    r'((?: (?!r=)[A-Za-z_][A-Za-z0-9_:]{0,63}="[^"<&]{0,64}"){0,8}+)\s?'
    r"(?:/>|>(<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?"
    r"(?:<v>([^<]+)</v>|(<v></v>|<v/>)"
    r'|<is>(<t(?: xml:space="preserve")?>)([^<]*)</t></is>)?</c>)'
    r"|(.+)",  # anything else, to the end: so findall leaves nothing out unseen
    re.DOTALL,
)
_VALUE, _INLINE, _SHARED, _BOOL = Source.VALUE, Source.INLINE, Source.SHARED, Source.BOOL
_ONE_OR_ZERO = frozenset({"0", "1"})
_MOST_DIGITS = 9
# A row with more bytes may have more cells than Excel has columns: the strict path counts them.
_MOST_ROW_CHARS = 4 * 16_384
_CELL_START = "<c"
_MOST_CELLS = 16_384

# Column letters, row digits, literal attributes, formula, value, empty value, opening tag of the
# inline text, inline text, anything else: as findall gives them, "" for what is not there.
CellParts = tuple[str, str, str, str, str, str, str, str, str]


class ReadRow(NamedTuple):
    """One row: its cells up to the last filled one, the raw parts they came from, its end.

    `parts` is None when the row went through the strict path.
    """

    line: int
    texts: list[str | None]
    tags: bytearray
    parts: list[CellParts] | None
    end: int


class RawParts(NamedTuple):
    """The content of one cell as it stands in the XML."""

    formula: str
    value: str
    empty_value: str
    inline: str


class CellRows:
    """Reads rows from a text that holds whole rows only."""

    def __init__(self, context: SheetContext) -> None:
        self.plans = RowPlans(context)
        self._context = context

    def rows(self, text: str, position: int, previous_line: int) -> Iterator[ReadRow]:
        """Every row from the position on."""
        end = len(text)
        while position < end:
            row = self.row(text, position, previous_line)
            yield row
            position, previous_line = row.end, row.line

    def row(self, text: str, position: int, previous_line: int) -> ReadRow:
        """The row that begins at the position; raises WorkbookError for damage and disorder."""
        opening = _ROW.match(text, position)
        if opening is None:
            return self._strict(text, position, previous_line)
        number, attributes, is_empty = opening.groups()
        if number is None and _NUMBERED.search(attributes):
            return self._strict(text, position, previous_line)
        line = int(number) if number else previous_line + 1
        check_line(self._context, line, previous_line)
        start = opening.end()
        if is_empty:
            return ReadRow(line, [], bytearray(), [], start)
        end = text.find(_ROW_END, start)
        if end < 0:
            raise malformed(self._context, "a row does not end", line)
        return self._filled(text, (start, end), line) or self._strict(text, position, previous_line)

    def _filled(self, text: str, content: tuple[int, int], line: int) -> ReadRow | None:
        """The row with that content; None when it is one for the strict path."""
        start, end = content
        if end - start > _MOST_ROW_CHARS and text.count(_CELL_START, start, end) > _MOST_CELLS:
            return None
        parts: list[CellParts] = _CELL.findall(text, start, end)
        if not parts:
            return ReadRow(line, [], bytearray(), [], end + len(_ROW_END))
        try:
            cells = self._cells(parts, line)
        except MalformedText as error:
            raise malformed(self._context, error, line) from error
        return None if cells is None else ReadRow(line, *cells, parts, end + len(_ROW_END))

    def _strict(self, text: str, position: int, previous_line: int) -> ReadRow:
        empty = _EMPTY_ROW.match(text, position)
        end = empty.end() if empty else text.find(_ROW_END, position) + len(_ROW_END)
        if end < len(_ROW_END):
            raise malformed(self._context, "a row does not end", previous_line + 1)
        line, texts, tags = strict_row(self._context, text[position:end], previous_line)
        return ReadRow(line, texts, tags, None, end)

    def _cells(
        self, parts: list[CellParts], line: int
    ) -> tuple[list[str | None], bytearray] | None:
        """The texts and tags of a row; None when there is anything but cells of known forms."""
        letters, digits, writings, formulas, values, empties, _, inlines, others = zip(
            *parts, strict=True
        )
        if any(others):
            return None
        if digits.count(str(line)) != len(digits):
            self._check_references(letters, digits, line)
        plan = self.plans.plan((letters, writings), line)
        return self._planned_cells(plan, (formulas, values, empties, inlines), line)

    def _planned_cells(  # noqa: C901 - the hot loop: a call a cell would cost more than it reads
        self, plan: RowPlan, content: tuple[tuple[str, ...], ...], line: int
    ) -> tuple[list[str | None], bytearray]:
        _, values, _, inlines = content
        texts: list[str | None] = [None] * plan.width
        tags = bytearray(plan.width)
        most_chars = self._context.limits.max_cell_chars
        shared = self._context.strings.text
        for at, (column, source, value) in enumerate(
            zip(plan.columns, plan.sources, values, strict=True)
        ):
            # The commonest cells first; whatever is not among them is told by cell_text.
            if source is _INLINE:
                text = inlines[at]
                if "&" in text or "_x" in text or len(text) > most_chars:
                    text = ""
            elif source is _VALUE:
                text = value
                if "&" in text or len(text) > most_chars:
                    text = ""
            elif source is _SHARED:
                is_index = len(value) < _MOST_DIGITS and value.isascii() and value.isdecimal()
                text = shared(int(value)) if is_index else ""
                if len(text) > most_chars:
                    text = ""
            elif source is _BOOL:
                text = value if value in _ONE_OR_ZERO else ""
            else:
                text = ""
            if text:
                texts[column] = text
                tags[column] = plan.tags[at]
            else:
                raw = RawParts(*(parts[at] for parts in content))
                texts[column], tags[column] = self._slow_cell(plan.heads[at], raw, line, column)
        return self._trimmed(texts, tags, line)

    def _trimmed(
        self, texts: list[str | None], tags: bytearray, line: int
    ) -> tuple[list[str | None], bytearray]:
        if not tags[-1]:
            filled = len(tags.rstrip(b"\0"))
            del texts[filled:], tags[filled:]
        if len(texts) > self._context.limits.max_columns:
            check_width(self._context, line, len(texts) - 1)
        return texts, tags

    def _check_references(
        self, letters: tuple[str, ...], digits: tuple[str, ...], line: int
    ) -> None:
        """Refuse a cell that names another row than its own; one that names none is fine."""
        for name, number in zip(letters, digits, strict=True):
            if number and int(number) != line:
                raise self._reference_error(f"{name}{number}", line)

    def _reference_error(self, reference: str, line: int) -> WorkbookError:
        return self._context.error(
            "CELL_REF_INVALID",
            f"A cell calls itself {reference}. Save the workbook again with Excel.",
            line,
        )

    def _slow_cell(
        self, head: CellHead, raw: RawParts, line: int, column: int
    ) -> tuple[str | None, CellTag]:
        cell = RawCell(
            head,
            bool(raw.formula),
            decode_entities(raw.value) if raw.value or raw.empty_value else None,
            decode_entities(raw.inline) if raw.inline else None,
        )
        return cell_text(self._context, cell, line, column)


def malformed(context: SheetContext, error: object, line: int) -> WorkbookError:
    """The refusal of damaged XML near a line."""
    return context.error(
        "XML_MALFORMED",
        f"The XML is damaged ({error}). Open the workbook in Excel and save it again.",
        line,
    )
