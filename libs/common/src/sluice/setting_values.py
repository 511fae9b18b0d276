"""Where a setting's text comes from: its variable, or a file that another one names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

SAID_ONLY: Final[dict[str, Any]] = {"in_a_file": False}
"""Marks a field (`json_schema_extra`) whose variable a library of ours reads by itself."""


def may_be_in_a_file(field: FieldInfo) -> bool:
    """Tell whether a file may say it, which `…_FILE` names."""
    return field.json_schema_extra != SAID_ONLY


def value_of(
    variable: str, environ: Mapping[str, str], faults: list[str], *, in_a_file: bool
) -> str | None:
    """Return the text, None where none is given; what is wrong with it is put to the faults."""
    path = environ.get(f"{variable}_FILE")
    if path is not None and not in_a_file:
        faults.append(f"{variable}_FILE is read by nothing: set {variable} itself")
        path = None
    if path is None:
        return environ.get(variable)
    if variable in environ:
        faults.append(f"{variable} and {variable}_FILE are both set: keep one")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        faults.append(f"{variable}_FILE: cannot read {path}: {error.strerror}")
        return None
