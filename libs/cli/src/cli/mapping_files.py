"""A mapping for the server: from a file, or by the name that it is saved under."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from cli.exit_codes import Failure

_SUFFIXES = frozenset({".json", ".yaml", ".yml"})
_NULLS = ("", "null", "~")


def mapping_fields(told: str | None) -> dict[str, str]:
    """Return the form's fields for a mapping that is a file, or else the name of a saved one.

    Raises:
        Failure: it looks like a file and is none, or the file holds no mapping.
    """
    if told is None:
        return {}
    path = Path(told)
    if path.is_file():
        return {"mapping": json.dumps({"columns": mapping_in(path)["columns"]})}
    if path.suffix.lower() in _SUFFIXES:
        raise Failure(f"there is no file {told}; name one, or a saved mapping")
    return {"mappingName": told}


def mapping_in(path: Path) -> dict[str, Any]:
    """Return what a JSON or YAML file says: `columns`, and what may stand beside.

    Raises:
        Failure: it is no mapping.
    """
    try:
        raw = _read(path)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise Failure(f"{path} is no JSON or YAML: {' '.join(str(error).split())}") from None
    columns = raw.get("columns") if isinstance(raw, dict) else None
    if not isinstance(columns, dict) or not all(
        isinstance(field, str | None) for field in columns.values()
    ):
        raise Failure(
            f"{path} holds no mapping; write columns: and under it 'Header: field' for each, with "
            "null for a column that feeds nothing"
        )
    return {**raw, "columns": columns}


def _read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() == ".json":
        return json.loads(text)
    # Texts, lists and mappings only: a header No stays 'No'
    raw: Any = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (as just said)
    columns = raw.get("columns") if isinstance(raw, dict) else None
    if isinstance(columns, dict):
        raw["columns"] = {h: None if f in _NULLS else f for h, f in columns.items()}
    return raw
