"""Names of tables and columns: only plain ones are taken, so quoting them is never a puzzle."""

from __future__ import annotations

import re
from typing import Final

from import_targets.errors import TargetError

NAME_BYTES: Final = 63
"""What PostgreSQL keeps of a name."""
IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


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
