"""Step 2: tells from a number format whether a number is a date, a time or a duration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlsx_reader.cells import CellTag
from xlsx_reader.xml_parts import read_small_part

if TYPE_CHECKING:
    from xlsx_reader.limits import Limits
    from xlsx_reader.part_stream import PartStream

# ECMA-376 part 1, 18.8.30: built-in formats; 27-36 and 50-58 are dates of East Asian locales.
_BUILT_IN: dict[int, CellTag] = {
    **dict.fromkeys((14, 15, 16, 17), CellTag.DATE),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), CellTag.TIME),
    22: CellTag.DATETIME,
    46: CellTag.DURATION,
    **dict.fromkeys((27, 28, 29, 30, 31, 36), CellTag.DATE),
    **dict.fromkeys((32, 33, 34, 35), CellTag.TIME),
    **dict.fromkeys((50, 51, 52, 53, 54, 57, 58), CellTag.DATE),
    **dict.fromkeys((55, 56), CellTag.TIME),
}
# What is shown as it stands: "text", \x, _x (a gap as wide as x), *x (x fills the cell).
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|AM/PM|A/P|上午/下午', re.IGNORECASE | re.DOTALL)
_MERIDIEM = re.compile(r"AM/PM|A/P|上午/下午", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKET = re.compile(r"\[[^\]]*\]")
_GENERAL = re.compile("general", re.IGNORECASE)
_DAY = re.compile("[ydebg]", re.IGNORECASE)
_CLOCK = re.compile("[hs]", re.IGNORECASE)


def tag_of_format(format_id: int, code: str | None) -> CellTag:
    """Return what a number in this format shows; `code` is the custom code, if any.

    The first section of the code decides: it is the one for positive numbers.
    """
    if code is None:
        return _BUILT_IN.get(format_id, CellTag.NUMBER)
    has_meridiem = bool(_MERIDIEM.search(re.sub(r'"[^"]*"|\\.', "", code)))
    bare = _GENERAL.sub("", _LITERAL.sub("", code).partition(";")[0])
    if _ELAPSED.search(bare):
        return CellTag.DURATION
    bare = _BRACKET.sub("", bare)
    has_clock = has_meridiem or bool(_CLOCK.search(bare))
    has_day = bool(_DAY.search(bare)) or (not has_clock and "m" in bare.lower())
    if has_day:
        return CellTag.DATETIME if has_clock else CellTag.DATE
    return CellTag.TIME if has_clock else CellTag.NUMBER


def read_style_tags(stream: PartStream, limits: Limits) -> bytes:
    """Return the tag of a number in each cell style of the styles part, by style index."""
    codes: dict[int, str] = {}
    format_ids: list[int] = []

    def on_start(path: tuple[str, ...], attributes: dict[str, str]) -> None:
        if path == ("styleSheet", "numFmts", "numFmt"):
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif path == ("styleSheet", "cellXfs", "xf"):
            format_ids.append(_number(attributes.get("numFmtId")))

    read_small_part(stream, limits, on_start)
    tags = {format_id: tag_of_format(format_id, codes.get(format_id)) for format_id in format_ids}
    return bytes(tags[format_id] for format_id in format_ids)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
