"""Learn the shapes of a sheet's rows and write the one regular expression that takes them whole."""

import re
from collections import Counter
from dataclasses import dataclass, field

from xlsx_reader.cell_rows import CellParts
from xlsx_reader.cell_values import ColumnIndexes, Source, column_letters
from xlsx_reader.cells import CellTag
from xlsx_reader.row_plans import Heads

_MOST_VARIANTS = 4  # of one column
_MOST_HEADS = 12  # literal attribute texts of one variant
_MOST_COUNTED = 256  # of one variant while learning; only _MOST_HEADS of them count
_SEEN_ENOUGH = 2  # a header's cells are seen once, and stay out


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which a column's cells are written, apart from styles that mean the same."""

    source: Source
    tag: CellTag
    has_formula: bool
    is_empty: bool
    pad: int = 0


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a template: its groups in the match, each with what it holds.

    `is_always_filled` means that every row taken has a text here, in the one group there is.
    """

    index: int
    groups: tuple[tuple[int, Variant], ...]
    is_always_filled: bool

    @property
    def is_shared(self) -> bool:
        return any(variant.source is Source.SHARED for _, variant in self.groups)


@dataclass(frozen=True, slots=True)
class RowTemplate:
    """A compiled template; group 1 of a match is the row's number.

    It takes UTF-8 as it stands, in regions that hold no character that XML forbids. The texts of
    formulas it passes over.
    """

    pattern: "re.Pattern[bytes]"
    source: str
    columns: tuple[TemplateColumn, ...]
    group_count: int

    @property
    def may_be_blank(self) -> bool:
        return not any(column.is_always_filled for column in self.columns)

    @property
    def passes_over_texts(self) -> bool:
        return any(variant.has_formula for column in self.columns for _, variant in column.groups)


@dataclass(slots=True)
class _ColumnShape:
    """What has been seen of one column: each variant's literal attributes, counted."""

    present: int = 0
    variants: dict[Variant, Counter[tuple[str, str]]] = field(default_factory=dict)


class RowShapes:
    """Counts the cells of rows that no template took, and builds the next template from them."""

    def __init__(self, heads: Heads, max_cell_chars: int) -> None:
        self._heads = heads
        self._indexes = ColumnIndexes()
        self._columns: dict[int, _ColumnShape] = {}
        self._rows = 0
        # Of bytes, so that it never takes more characters; [^<] alone is a loop of its own in C.
        self._text = f"([^<]{{1,{max_cell_chars}}}+)"

    def see(self, parts: list[CellParts]) -> None:
        """Take note of one row."""
        self._rows += 1
        for letters, _, attributes, formula, value, empty_value, opening, inline, _ in parts:
            if not letters:
                continue
            head = self._heads[attributes]
            is_empty = not (value or empty_value or opening or formula)
            if not is_empty and not _fits(head.source, value, inline):
                continue
            shape = self._columns.setdefault(self._indexes[letters], _ColumnShape())
            shape.present += 1
            variant = (
                Variant(Source.VALUE, CellTag.EMPTY, has_formula=False, is_empty=True)
                if is_empty
                else Variant(head.source, head.tag, bool(formula), is_empty=False, pad=head.pad)
            )
            counted = shape.variants.setdefault(variant, Counter())
            if len(counted) < _MOST_COUNTED or (attributes, opening) in counted:
                counted[(attributes, opening)] += 1

    def template(self) -> RowTemplate | None:
        """The template for what was seen often enough; None when there is no such cell."""
        pieces = [r'<row r="([0-9]{1,7})"[^<>/\x80-\xff]*>']
        columns: list[TemplateColumn] = []
        group = 1
        for index in sorted(self._columns):
            shape = self._columns[index]
            variants = self._chosen(shape)
            if not variants:
                continue
            is_optional = self._rows - shape.present >= _SEEN_ENOUGH
            piece, groups = self._column(index, variants, group, is_optional=is_optional)
            pieces.append(piece)
            is_filled = not is_optional and len(variants) == 1 and len(groups) == 1
            columns.append(TemplateColumn(index, groups, is_filled))
            group += len(groups)
        if not columns:
            return None
        pieces.append("</row>")
        source = "".join(pieces)
        return RowTemplate(re.compile(source.encode()), source, tuple(columns), group)

    def _chosen(self, shape: _ColumnShape) -> list[tuple[Variant, list[tuple[str, str]]]]:
        chosen = []
        for variant, heads in shape.variants.items():
            literals = [key for key, seen in heads.most_common(_MOST_HEADS) if seen >= _SEEN_ENOUGH]
            if literals:
                chosen.append((heads.total(), variant, literals))
        chosen.sort(key=lambda entry: -entry[0])
        return [(variant, literals) for _, variant, literals in chosen[:_MOST_VARIANTS]]

    def _column(
        self,
        index: int,
        variants: list[tuple[Variant, list[tuple[str, str]]]],
        group: int,
        *,
        is_optional: bool,
    ) -> tuple[str, tuple[tuple[int, Variant], ...]]:
        branches: list[str] = []
        groups: list[tuple[int, Variant]] = []
        for variant, literals in variants:
            branches.append(self._variant(variant, literals))
            if not variant.is_empty:
                groups.append((group, variant))
                group += 1
        body = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
        piece = f'<c r="{column_letters(index)}\\1"{body}'
        return (f"(?:{piece}|)" if is_optional else piece), tuple(groups)

    def _variant(self, variant: Variant, literals: list[tuple[str, str]]) -> str:
        heads = _any_of([attributes for attributes, _ in literals])
        if variant.is_empty:
            return f"{heads}(?:/>|></c>)"
        formula = "<f(?: [^<>]*)?(?:/>|>[^<]*</f>)" if variant.has_formula else ""
        if variant.source is Source.INLINE:
            opening = _any_of([opening for _, opening in literals])
            return f"{heads}>{formula}<is>{opening}{self._text}</t></is></c>"
        return f"{heads}>{formula}<v>{self._value(variant.source)}</v></c>"

    def _value(self, source: Source) -> str:
        if source is Source.SHARED:
            return "([0-9]{1,9}+)"
        if source is Source.PADDED:
            return r"([0-9]{1,15}+)(?:\.0{1,9})?"
        return "([01])" if source is Source.BOOL else self._text


def _fits(source: Source, value: str, inline: str) -> bool:
    if source is Source.INLINE:
        return bool(inline) and not value
    return bool(value) and not inline


def _any_of(literals: list[str]) -> str:
    escaped = [re.escape(literal) for literal in dict.fromkeys(literals)]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"
