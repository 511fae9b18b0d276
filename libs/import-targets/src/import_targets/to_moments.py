"""Serial numbers and ISO texts become dates and timestamps.

A serial counts days from the workbook's epoch: 1 is 1900-01-01, or 0 is 1904-01-01. Excel's 1900
calendar has a 29th of February that never was (serial 60), as Lotus 1-2-3 had; the days before
it are therefore one day further from the later ones than they should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds, is_any, only, trimmed, without
from import_targets.exact_decimals import NUMBER
from import_targets.whole_columns import byte_range, longest

_DAY_MS: Final = 86_400_000
_UNIX_EPOCH_SERIAL: Final = 25_569
"""1970-01-01 in the 1900 system."""
_EPOCHS_APART: Final = 1_462
"""Days between the two systems' serials of one date."""
_NEVER_WAS: Final = 60
_PLAIN_DIGITS: Final = 7
_LAST_SERIAL: Final = 2_958_465
"""9999-12-31 in the 1900 system, the last day that Excel knows."""

_DAY: Final = (
    r"(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-"
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-9]))"
)
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_ISO: Final = rf"\A{_DAY}(?:[T ]{_TIME}Z?)?\z"
_LEAP_DAY: Final = r"\A[0-9]{4}-02-29"
_LEAP_YEAR: Final = (
    r"\A(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-"
)
_MIDNIGHT: Final = r"\A.{10}(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?\z"
NO_TIME: Final = "a date without a time of day"


@dataclass(frozen=True, slots=True)
class Serials:
    """Milliseconds since 1970-01-01 (no zone), null where there is a fault or no cell."""

    unix_ms: pa.Int64Array
    faults: tuple[Fault, ...]


def read_serials(texts: pa.StringArray, *, date_1904: bool) -> Serials:
    """Read serials to the millisecond, which is as fine as Excel's own times are."""
    texts = trimmed(texts)
    is_number = pc.match_substring_regex(texts, NUMBER)
    days = only(holds(is_number), texts).cast(pa.float64())
    last = _LAST_SERIAL - (_EPOCHS_APART if date_1904 else 0)
    outside = holds(pc.or_(pc.less(days, 0.0), pc.greater_equal(days, float(last + 1))))
    millis = pc.round(pc.multiply(without(days, outside), float(_DAY_MS))).cast(pa.int64())
    epoch = _UNIX_EPOCH_SERIAL - (_EPOCHS_APART if date_1904 else 0)
    unix_ms = pc.subtract(millis, epoch * _DAY_MS)
    never = holds(pc.less(millis, 0))
    if not date_1904:
        serial = pc.divide(millis, _DAY_MS)
        never = holds(pc.equal(serial, _NEVER_WAS))
        unix_ms = pc.if_else(pc.less(serial, _NEVER_WAS), pc.add(unix_ms, _DAY_MS), unix_ms)
    faults = found(
        Fault("NOT_A_DATE", holds(pc.invert(is_number))),
        Fault("OUT_OF_RANGE", outside, "a date from 1900 to 9999"),
        Fault("DATE_1900_02_29", never),
    )
    return Serials(without(unix_ms, never), faults)


def serials_to_dates(texts: pa.StringArray, *, date_1904: bool, has_time: bool) -> Converted:
    """Return date32; with `has_time`, the cell shows a time of day, which must be midnight."""
    if (days := _plain_days(texts, date_1904=date_1904)) is not None:
        return Converted(days)
    serials = read_serials(texts, date_1904=date_1904)
    moments = serials.unix_ms.cast(pa.timestamp("ms"))
    values = pc.floor_temporal(moments, unit="day").cast(pa.date32())
    if not has_time:
        return Converted(values, serials.faults)
    late = holds(pc.not_equal(values.cast(pa.timestamp("ms")), moments))
    return Converted(
        without(values, late), (*serials.faults, *found(Fault("NOT_A_DATE", late, NO_TIME)))
    )


def _plain_days(texts: pa.StringArray, *, date_1904: bool) -> pa.Array | None:
    """Return date32 where every serial is a whole day that both calendars agree on, else None.

    What nearly every column of dates is, for a fourth of the work.
    """
    seen = byte_range(texts)
    if not 0 < longest(texts) <= _PLAIN_DIGITS or not seen.has_no_letter:
        return None
    try:
        days = texts.cast(pa.int32())
    except pa.ArrowInvalid:
        return None
    first = 0 if date_1904 else _NEVER_WAS + 1
    last = _LAST_SERIAL - (_EPOCHS_APART if date_1904 else 0)
    extremes = pc.min_max(days).as_py()
    if extremes["min"] < first or extremes["max"] > last:
        return None
    epoch = _UNIX_EPOCH_SERIAL - (_EPOCHS_APART if date_1904 else 0)
    return pc.subtract(days, pa.scalar(epoch, pa.int32())).cast(pa.date32())


def serials_to_timestamps(texts: pa.StringArray, *, date_1904: bool) -> Converted:
    serials = read_serials(texts, date_1904=date_1904)
    return Converted(serials.unix_ms.cast(pa.timestamp("ms")).cast(_MICROS), serials.faults)


_MICROS: Final = pa.timestamp("us")


def is_iso(texts: pa.StringArray) -> pa.BooleanArray:
    """Return which texts are a day that was, alone or with a time."""
    good = holds(pc.match_substring_regex(texts, _ISO))
    leap_day = holds(pc.match_substring_regex(texts, _LEAP_DAY))
    if is_any(leap_day):
        in_leap_year = holds(pc.match_substring_regex(texts, _LEAP_YEAR))
        good = pc.and_not(good, pc.and_not(leap_day, in_leap_year))
    return good


def iso_to_dates(texts: pa.StringArray, code: str) -> Converted:
    """Return date32 of `2024-05-31`, with a time only if that is midnight."""
    good = is_iso(texts)
    midnight = holds(pc.match_substring_regex(texts, _MIDNIGHT))
    values = pc.utf8_slice_codeunits(only(pc.and_(good, midnight), texts), 0, 10)
    faults = found(
        Fault(code, pc.and_not(texts.is_valid(), good)),
        Fault("NOT_A_DATE", pc.and_not(good, midnight), NO_TIME),
    )
    return Converted(values.cast(pa.date32()), faults)


def iso_to_timestamps(texts: pa.StringArray, code: str) -> Converted:
    """Return timestamps of `2024-05-31`, `2024-05-31T10:00` and finer."""
    good = is_iso(texts)
    values = pc.utf8_rtrim(only(good, texts), "Z").cast(_MICROS)
    return Converted(values, found(Fault(code, pc.and_not(texts.is_valid(), good))))
