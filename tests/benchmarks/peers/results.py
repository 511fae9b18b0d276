"""The raw results, one entry for each peer and kind of strings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
KEPT = Path("docs/benchmarks/peers.json")


def read(path: Path = KEPT) -> list[Entry]:
    if not path.exists():
        return []
    entries: list[Entry] = json.loads(path.read_text(encoding="utf-8"))
    return entries


def keep(new: list[Entry], path: Path = KEPT) -> None:
    """Write down new entries in the place of the old ones of the same peer and strings."""
    kept = {_key(each): each for each in [*read(path), *new]}
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = json.dumps([kept[key] for key in sorted(kept)], indent=1, ensure_ascii=False)
    path.write_text(lines + "\n", encoding="utf-8")


def _key(entry: Entry) -> tuple[str, str]:
    return entry["peer"], entry["strings"]
