"""Reads the statements that lie beside the code, one to a file."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return (resources.files("writer") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
