"""Arrow columns become the rows of a binary COPY, by compiled code where that is installed.

A field of a row is four bytes of length and then its value, most significant byte first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from writer.adapters import compiled_rows
from writer.adapters.arrow_rows import arrow_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from writer.adapters.compiled_rows import Encode

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""The signature, no flags, no extension."""
TRAILER: Final = b"\xff\xff"

_INTEGERS: Final = frozenset({"smallint", "integer", "bigint"})


def is_binary_type(arrow_type: pa.DataType, table_type: str) -> bool:
    """Tell whether a column of the table takes such values in binary as it takes their text.

    `table_type` is as the catalogue spells it. Everything else is left to the server's own cast.
    """
    if pa.types.is_integer(arrow_type):
        return table_type in _INTEGERS
    if pa.types.is_string(arrow_type):
        is_text = table_type in {"text", "character varying", "jsonb"}
        return is_text or table_type.startswith("character varying(")
    if pa.types.is_decimal128(arrow_type):
        return table_type == "numeric" or table_type.startswith("numeric(")
    if pa.types.is_timestamp(arrow_type):
        is_plain = arrow_type.tz is None and arrow_type.unit == "us"
        return is_plain and table_type == "timestamp without time zone"
    return (
        (pa.types.is_date32(arrow_type) and table_type == "date")
        or (pa.types.is_boolean(arrow_type) and table_type == "boolean")
        or (pa.types.is_float64(arrow_type) and table_type == "double precision")
    )


def binary_rows(
    columns: Sequence[tuple[pa.Array, str]],
    job_id: UUID | None,
    encode: Encode | None = compiled_rows.ENCODE,
) -> pa.Buffer | bytes:
    """Return rows of these columns, behind the job's id where there is one.

    Args:
        columns: at least one, each with its type in the table; `is_binary_type` holds of it.
        job_id: the first field of each row.
        encode: the compiled encoder, or None for Arrow's kernels; the bytes are the same.

    Raises:
        pa.ArrowInvalid: a value is too large for the table's type.
    """
    described = None if encode is None else compiled_rows.described(columns)
    if encode is None or described is None:
        return arrow_rows(columns, job_id)
    try:
        return encode(len(columns[0][0]), described, None if job_id is None else job_id.bytes)
    except OverflowError as error:
        raise pa.ArrowInvalid(str(error)) from error
    except (compiled_rows.Fault, ValueError):  # the latter of a column that it cannot make out
        return arrow_rows(columns, job_id)
