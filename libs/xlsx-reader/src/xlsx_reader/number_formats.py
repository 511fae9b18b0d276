"""Step 2: tells from a number format whether a number is a date, a time or a duration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlsx_reader.cells import CellTag
from xlsx_reader.errors import WorkbookError
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
_PADDED = re.compile("0{2,15}")
_MOST_CODE_CHARS = 255  # Excel's own limit
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class NumberStyles:
    """What a number is in each cell style, by style index.

    `pads` is the number of digits that a format of zeros alone (`00000`) shows at least, else 0.
    """

    tags: bytes = b""
    pads: bytes = b""


def number_in(attribute: str | None) -> int | None:
    """The number an attribute holds; None for anything but a few plain digits."""
    if not attribute or len(attribute) > _MOST_DIGITS:
        return None
    return int(attribute) if attribute.isascii() and attribute.isdecimal() else None


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


def pad_of_format(code: str | None) -> int:
    """Return the digits that a format such as 00000 shows at least: codes keep their zeros."""
    return len(code) if code is not None and _PADDED.fullmatch(code) else 0


def read_number_styles(stream: PartStream, limits: Limits) -> NumberStyles:
    """Return what a number is in each cell style of the styles part.

    Raises:
        WorkbookError: `TOO_MANY_STYLES`, and what reading a part raises.
    """
    codes: dict[int, str] = {}
    format_ids: list[int] = []

    def on_start(path: tuple[str, ...], attributes: dict[str, str]) -> None:
        if path == ("styleSheet", "numFmts", "numFmt"):
            code = attributes.get("formatCode", "")[:_MOST_CODE_CHARS]
            codes[number_in(attributes.get("numFmtId")) or 0] = code
        elif path == ("styleSheet", "cellXfs", "xf"):
            format_ids.append(number_in(attributes.get("numFmtId")) or 0)
        if max(len(codes), len(format_ids)) > limits.max_styles:
            message = f"The workbook has more than {limits.max_styles} cell styles. Remove some."
            raise WorkbookError("TOO_MANY_STYLES", message, stream.part)

    read_small_part(stream, limits, on_start)
    tags = {format_id: tag_of_format(format_id, codes.get(format_id)) for format_id in format_ids}
    return NumberStyles(
        tags=bytes(tags[format_id] for format_id in format_ids),
        pads=bytes(pad_of_format(codes.get(format_id)) for format_id in format_ids),
    )
