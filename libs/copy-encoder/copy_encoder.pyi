# Arrow columns as the rows of PostgreSQL's binary COPY.

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

INTERFACE: Final[int]

# The compiled code has a fault of its own.
class Fault(RuntimeError): ...

# Arrow's name of what is in the buffers, then PostgreSQL's of what becomes of it.
Source: TypeAlias = Literal[
    "int32", "int64", "bool", "date32", "timestamp", "double", "utf8", "decimal128"
]
Type: TypeAlias = Literal[
    "int2", "int4", "int8", "bool", "date", "timestamp", "float8", "text", "jsonb", "numeric"
]
# Source and type, a decimal's precision and scale, the offset, and the buffers as Arrow has them;
# each is anything with the buffer protocol.
Column: TypeAlias = tuple[Source, Type, int, int, int, list[Any]]

# The rows; the first field of each is the job, where there is one.
# OverflowError: a value is too large for its type. ValueError: no such column can be.
def encode(rows: int, columns: Sequence[Column], job_id: bytes | None) -> bytes: ...
