"""Step 1: what the first cells of a column look like, for people who map columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from collections.abc import Iterable

DetectedType: TypeAlias = Literal[
    "empty", "text", "integer", "number", "boolean", "date", "timestamp", "time", "mixed"
]
_BY_TAG: Final[dict[int, DetectedType]] = {
    CellTag.BOOL: "boolean",
    CellTag.DATE: "date",
    CellTag.DATETIME: "timestamp",
    CellTag.TIME: "time",
    CellTag.DURATION: "time",
    CellTag.ISO_DATE: "timestamp",
    CellTag.CELL_TOO_LONG: "text",
}
_UNTOLD: Final = frozenset({CellTag.EMPTY, CellTag.ERROR, CellTag.FORMULA_NO_VALUE})
_WIDER: Final[dict[frozenset[DetectedType], DetectedType]] = {
    frozenset({"integer", "number"}): "number",
    frozenset({"date", "timestamp"}): "timestamp",
}
# Leading zeros and 19 digits are of texts that must not become numbers.
_INTEGER: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_WRITTEN: Final[tuple[tuple[re.Pattern[str], DetectedType], ...]] = (
    (re.compile(r"(?i)true|false"), "boolean"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "date"),
    (
        re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?"),
        "timestamp",
    ),
    (re.compile(r"\d{1,2}:\d{2}(:\d{2})?"), "time"),
)


def detected_type(cells: Iterable[tuple[str | None, int]], decimal: str = ".") -> DetectedType:
    """Return the type that all filled cells have, `text` when one is a text, else `mixed`.

    Args:
        cells: texts as they are stored, each with its `CellTag`.
        decimal: the decimal mark of texts.
    """
    found = {
        _type_of(text, tag, decimal)
        for text, tag in cells
        if tag not in _UNTOLD and text is not None and text.strip()
    }
    if not found:
        return "empty"
    if len(found) == 1:
        return found.pop()
    return "text" if "text" in found else _WIDER.get(frozenset(found), "mixed")


def _type_of(text: str, tag: int, decimal: str) -> DetectedType:
    if tag == CellTag.NUMBER:
        return "integer" if _INTEGER.fullmatch(text) else "number"
    if tag != CellTag.TEXT:
        return _BY_TAG.get(tag, "text")
    written = text.strip()
    if _INTEGER.fullmatch(written):
        return "integer"
    if re.fullmatch(rf"[+-]?(0|[1-9][0-9]{{0,17}}){re.escape(decimal)}[0-9]+", written):
        return "number"
    return next((kind for pattern, kind in _WRITTEN if pattern.fullmatch(written)), "text")
