"""One JSON Schema per event, made from its class; run as a module, it writes the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sluice.events import PUBLIC_FACTS

if TYPE_CHECKING:
    from sluice.events import Fact

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_name(kind: type[Fact]) -> str:
    """Return `chunk-written.v1.schema.json`; both topics of `job-finished` share one."""
    return f"{kind.NAME}.v{kind.VERSION}.schema.json"


def schema_text(kind: type[Fact]) -> str:
    """Return the schema of an event's body, as it is committed."""
    schema = kind.model_json_schema(by_alias=True)
    ordered = {"$schema": DIALECT, "$id": f"urn:sluice:{file_name(kind)}"} | schema
    return json.dumps(ordered, indent=2) + "\n"


def schema_files() -> dict[str, str]:
    """Return every file's text by its name."""
    kinds = {file_name(kind): kind for kind in reversed(PUBLIC_FACTS)}
    return {name: schema_text(kind) for name, kind in sorted(kinds.items())}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in schema_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
