"""Names of tables and columns: only plain ones are taken, so quoting them is never a puzzle."""

from __future__ import annotations

import re
from typing import Final

from import_targets.errors import TargetError

NAME_BYTES: Final = 63
"""What PostgreSQL keeps of a name."""
IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")

OWN_SCHEMAS: Final = frozenset({"sluice", "sluice_dry"})
"""What is Sluice's own; nobody's table is there."""
SYSTEM_COLUMNS: Final = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Names that every table of PostgreSQL has for itself."""


def schema_fault(schema: str) -> str:
    """Return why no target may be there, or nothing."""
    if schema in OWN_SCHEMAS:
        return "is in Sluice's own schema; use another one"
    if schema == "information_schema" or schema.startswith("pg_"):
        return "is in a schema of PostgreSQL's own; use another one"
    return ""


def quoted(name: str) -> str:
    """Return `name` or `schema.name` as SQL.

    Raises:
        TargetError: a part is no plain lower-case identifier.
    """
    parts = name.split(".")
    for part in parts:
        if IDENTIFIER.fullmatch(part) is None:
            raise TargetError(f"'{name}' is no plain name: use a-z, 0-9 and _, at most 63 letters")
    return ".".join(f'"{part}"' for part in parts)
