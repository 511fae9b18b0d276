"""What a stack writes down about itself, for scripts, for `down`, and for the next `up`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "state.json"


def read_or_make_secret(path: Path, fresh: str) -> str:
    """The secret kept in `path`; `fresh` is put there, readable by us alone, the first time."""
    if path.exists():
        return path.read_text(encoding="utf-8")
    write_private(path, fresh)
    return fresh


def write_private(path: Path, text: str) -> None:
    """Replace a file whole; only we can read it, at no moment anyone else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
    work.replace(path)


def write_state(folder: Path, state: Mapping[str, Any]) -> None:
    write_private(folder / FILE, json.dumps(state, indent=2))


def read_state(folder: Path) -> dict[str, Any]:
    """The state last written; empty when the stack was never up."""
    try:
        state = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return state if isinstance(state, dict) else {}
