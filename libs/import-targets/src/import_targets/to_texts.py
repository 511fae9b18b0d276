"""Cells of every kind become the text of what they hold: dates in ISO form, digits as stored."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds, only
from import_targets.exact_decimals import NUMBER
from import_targets.to_booleans import to_booleans
from import_targets.to_moments import is_iso, read_serials, serials_to_dates
from sluice.events.cell_tags import CellTag

_DAY_S: Final = 86_400
_MAX_DAYS: Final = 1e7


def to_texts(tag: CellTag, texts: pa.StringArray, *, date_1904: bool) -> Converted:
    """Return strings; a text or a number is what the file stores, to the digit."""
    match tag:
        case CellTag.BOOL:
            flags = to_booleans(texts)
            words = pc.if_else(flags.values, pa.scalar("TRUE"), pa.scalar("FALSE"))
            return Converted(words, flags.faults)
        case CellTag.DATE:
            dates = serials_to_dates(texts, date_1904=date_1904, has_time=False)
            return Converted(dates.values.cast(pa.string()), dates.faults)
        case CellTag.DATETIME:
            return _moments(texts, date_1904=date_1904)
        case CellTag.TIME | CellTag.DURATION:
            return _clock(tag, texts)
        case CellTag.ISO_DATE:
            good = is_iso(texts)
            bad = pc.and_not(texts.is_valid(), good)
            return Converted(only(good, texts), found(Fault("DATE_INVALID", bad)))
        case _:
            return Converted(texts)


def _moments(texts: pa.StringArray, *, date_1904: bool) -> Converted:
    serials = read_serials(texts, date_1904=date_1904)
    spelled = serials.unix_ms.cast(pa.timestamp("ms")).cast(pa.string())
    spelled = pc.replace_substring(spelled, " ", "T")
    return Converted(pc.replace_substring_regex(spelled, r"\.000$", ""), serials.faults)


def _clock(tag: CellTag, texts: pa.StringArray) -> Converted:
    """Return H:MM:SS: of a time the time of day, of a duration all its hours, to the second."""
    texts = pc.utf8_trim_whitespace(texts)
    days = only(holds(pc.match_substring_regex(texts, NUMBER)), texts).cast(pa.float64())
    fits = holds(pc.and_(pc.greater_equal(days, 0.0), pc.less(days, _MAX_DAYS)))
    seconds = pc.round(pc.multiply(only(fits, days), float(_DAY_S))).cast(pa.int64())
    if tag is CellTag.TIME:
        whole = pc.multiply(pc.divide(seconds, _DAY_S), _DAY_S)
        seconds = pc.subtract(seconds, whole)
    hours, minutes = pc.divide(seconds, 3600), pc.divide(seconds, 60)
    values = pc.binary_join_element_wise(
        _two_digits(hours),
        _two_digits(pc.subtract(minutes, pc.multiply(hours, 60))),
        _two_digits(pc.subtract(seconds, pc.multiply(minutes, 60))),
        ":",
    )
    # What is no time (a negative one, say) stays the number that it is.
    return Converted(pc.coalesce(values, texts))


def _two_digits(numbers: pa.Int64Array) -> pa.StringArray:
    return pc.utf8_lpad(numbers.cast(pa.string()), 2, "0")
