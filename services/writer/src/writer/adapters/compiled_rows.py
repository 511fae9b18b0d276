"""What the compiled encoder of COPY rows is told of Arrow's columns, where it is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import copy_encoder as native
    from copy_encoder import Column, Source, Type

    Encode: TypeAlias = Callable[[int, list[Column], bytes | None], bytes]
else:
    try:
        import copy_encoder as native
    except ImportError:
        native = None

_INTERFACE: Final = 1  # what this module asks of it; one of another number is left alone
_SOURCES: Final[Mapping[pa.DataType, Source]] = {
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.bool_(): "bool",
    pa.date32(): "date32",
    pa.timestamp("us"): "timestamp",
    pa.float64(): "double",
    pa.string(): "utf8",
}
_TYPES: Final[Mapping[str, Type]] = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "boolean": "bool",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "double precision": "float8",
    "jsonb": "jsonb",
}


def _is_usable() -> bool:
    is_wanted = os.environ.get("SLUICE_ENCODER", "auto") != "python"
    return is_wanted and native is not None and native.INTERFACE == _INTERFACE


ENCODE: Final[Encode | None] = native.encode if _is_usable() else None
ENCODER_NAME: Final = "python" if ENCODE is None else "rust"
"""Which encoder runs, for logs; both give the same bytes."""

Fault: Final[type[Exception]] = RuntimeError if native is None else native.Fault
"""What the compiled encoder raises for a fault of its own: the rows are then made without it."""


def described(columns: Iterable[tuple[pa.Array, str]]) -> list[Column] | None:
    """Return the columns as the encoder takes them; None where it does not know one."""
    found = [_described(values, table_type) for values, table_type in columns]
    known = [column for column in found if column is not None]
    return known if len(known) == len(found) else None


def _described(values: pa.Array, table_type: str) -> Column | None:
    buffers = values.buffers()
    if values.null_count == 0:
        buffers[0] = None
    if pa.types.is_decimal128(values.type):
        kind = values.type
        return ("decimal128", "numeric", kind.precision, kind.scale, values.offset, buffers)
    source = _SOURCES.get(values.type)
    if source is None:
        return None
    # Every other type that takes a text takes its bytes
    return (source, _TYPES.get(table_type, "text"), 0, 0, values.offset, buffers)
