"""Write what is made from the event classes: schemas, docs/events.md's reference, AsyncAPI.

With `--release` the schemas become those that later changes are compared with (docs/events/v1);
a change that would harm a consumer is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sluice.events.asyncapi import asyncapi_text
from sluice.events.event_tables import BEGIN, event_reference
from sluice.events.schema_changes import WHAT_TO_DO, breaking_changes
from sluice.events.schema_files import FOLDER, schema_files
from sluice.settings import KafkaSettings

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "events.md"
ASYNCAPI = ROOT / "docs" / "events" / "asyncapi.json"
RELEASED = ROOT / "docs" / "events" / "v1"
DEFAULTS = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": "localhost:9092"})
"""The committed documents tell the defaults: the served one tells its installation's settings."""


def files() -> dict[Path, str]:
    """Return every file's text, as it must be committed."""
    prose, _, _ = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    return {
        GUIDE: prose + event_reference(DEFAULTS),
        ASYNCAPI: asyncapi_text(DEFAULTS),
        **{FOLDER / name: text for name, text in schema_files().items()},
    }


def harmed() -> dict[str, list[str]]:
    """Return what consumers of the released events would notice, by file."""
    now = schema_files()
    found: dict[str, list[str]] = {}
    for path in sorted(RELEASED.glob("*.json")):
        if path.name not in now:
            found[path.name] = ["the event was removed or renamed"]
        else:
            old = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = breaking_changes(old, json.loads(now[path.name]))
    return {name: changes for name, changes in found.items() if changes}


def main() -> int:
    """Write the files; 1 when a release would harm somebody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", action="store_true", help="what is now is promised from now")
    release: bool = parser.parse_args().release
    if release and (harm := harmed()):
        for name, changes in harm.items():
            print(f"{name}: {'; '.join(changes)}", file=sys.stderr)
        print(WHAT_TO_DO, file=sys.stderr)
        return 1
    released = {RELEASED / name: text for name, text in schema_files().items()} if release else {}
    for path, text in (files() | released).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
