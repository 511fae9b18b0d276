"""The ways of writing a day that a target may allow beside ISO 8601, such as `DD/MM/YYYY`."""

from __future__ import annotations

import re
from typing import Final

_FORMAT: Final = re.compile(r"(DD|MM|YYYY)([/. -])(DD|MM|YYYY)\2(DD|MM|YYYY)")
_PARTS: Final = {
    "DD": r"(?P<day>[0-9]{1,2})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "YYYY": r"(?P<year>[0-9]{4})",
}
_TIME: Final = r"(?P<time>(?:[T ][0-9:.]+)?)"


def pattern_of(date_format: str) -> str:
    """Return the RE2 pattern of a format, with the groups year, month, day and time.

    Raises:
        ValueError: there is no such format; the message starts with the text.
    """
    found = _FORMAT.fullmatch(date_format)
    if found is None or {found[1], found[3], found[4]} != set(_PARTS):
        raise ValueError(
            f"'{date_format}' is no date format; "
            "write DD, MM and YYYY with one of / . - between, such as DD/MM/YYYY"
        )
    separator = re.escape(found[2])
    days = separator.join(_PARTS[found[k]] for k in (1, 3, 4))
    return rf"\A{days}{_TIME}\z"


def clash_of(formats: tuple[str, ...]) -> tuple[str, str] | None:
    """Return two formats that read one text as two different days, None when there are none."""
    shapes: dict[tuple[str, int], str] = {}
    for date_format in formats:
        shape = (date_format.strip("DMY")[:1], date_format.index("YYYY"))
        other = shapes.setdefault(shape, date_format)
        if other != date_format:
            return other, date_format
    return None
