"""Dates as people write them become ISO 8601, if the target says what they mean."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds, without
from import_targets.date_formats import pattern_of

_DAY_OR_MONTH: Final = r"\A[0-9]{1,2}[/. -][0-9]{1,2}[/. -](?:[0-9]{2}|[0-9]{4})(?:[T ].*)?\z"
_EXPECTED: Final = (
    "a date such as 2024-05-31, for day and month cannot be told apart; "
    "or name the format in the target, as in formats: [DD/MM/YYYY]"
)


def iso_of_formats(texts: pa.StringArray, formats: tuple[str, ...]) -> pa.StringArray:
    """Return the texts, those of a format in ISO 8601; whether the day exists is not asked."""
    for date_format in formats:
        parts = pc.extract_regex(texts, pattern_of(date_format))
        year, month, day, time = (
            pc.struct_field(parts, name) for name in ("year", "month", "day", "time")
        )
        days = pc.binary_join_element_wise(year, _two_digits(month), _two_digits(day), "-")
        texts = pc.coalesce(pc.binary_join_element_wise(days, time, ""), texts)
    return texts


def without_ambiguous(texts: pa.StringArray) -> Converted:
    """Refuse what no format of the target reads and people read in two ways: `03/04/2026`."""
    ambiguous = holds(pc.match_substring_regex(texts, _DAY_OR_MONTH))
    return Converted(
        without(texts, ambiguous), found(Fault("DATE_AMBIGUOUS", ambiguous, _EXPECTED))
    )


def _two_digits(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_lpad(texts, 2, "0")
