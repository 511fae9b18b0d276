"""A service's SQL: one statement a file, read by name."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def statement(package: str, name: str) -> str:
    """Return the text of `sql/NAME.sql` of a package.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return (resources.files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
