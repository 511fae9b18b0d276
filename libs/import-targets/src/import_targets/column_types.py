"""The types that a column of a target can have, and what each one is in Arrow and in PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pyarrow as pa

NUMERIC: Final = re.compile(r"numeric\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)")
MAX_PRECISION: Final = 38
"""Of decimal128, which is what carries a numeric."""

INTEGER_LIMITS: Final = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
_ARROW: Final = {
    "text": pa.string(),
    "smallint": pa.int64(),
    "integer": pa.int64(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_POSTGRES: Final = {"double": "double precision"}
TYPE_NAMES: Final = (*_ARROW, "numeric(p,s)")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type by its kind; precision and scale (decimal digits) are zero unless it is numeric."""

    kind: str
    precision: int = 0
    scale: int = 0

    @property
    def is_integer(self) -> bool:
        return self.kind in INTEGER_LIMITS

    @property
    def is_number(self) -> bool:
        return self.is_integer or self.kind in {"numeric", "double"}

    @property
    def is_moment(self) -> bool:
        return self.kind in {"date", "timestamp"}

    @property
    def has_range(self) -> bool:
        """Whether `min` and `max` mean anything for it."""
        return self.is_number or self.is_moment

    @property
    def arrow(self) -> pa.DataType:
        if self.kind == "numeric":
            return pa.decimal128(self.precision, self.scale)
        return _ARROW[self.kind]

    @property
    def postgres(self) -> str:
        if self.kind == "numeric":
            return f"numeric({self.precision},{self.scale})"
        return _POSTGRES.get(self.kind, self.kind)


@lru_cache(maxsize=256)
def parse_column_type(text: str) -> ColumnType:
    """Return the type that a target file spells.

    Raises:
        ValueError: there is no such type; the message says what there is.
    """
    name = text.strip().lower()
    if name in _ARROW:
        return ColumnType(name)
    found = NUMERIC.fullmatch(name)
    if found is None:
        raise ValueError(f"type '{text}' is unknown; use one of {', '.join(TYPE_NAMES)}")
    precision, scale = int(found[1]), int(found[2])
    if not 1 <= precision <= MAX_PRECISION or scale > precision:
        raise ValueError(
            f"type '{text}' cannot be; use 1 to {MAX_PRECISION} digits, scale included"
        )
    return ColumnType("numeric", precision, scale)
