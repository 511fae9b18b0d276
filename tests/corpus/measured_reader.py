"""The other end of `reader_process.py`."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

STUCK_S = 120.0
"""The product's figure for a refusal is 2 s; here a deadline means stuck."""


class MeasuredReader:
    """Asks a reading process about one workbook at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("reader_process.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def read_head(self, path: Path, sheet: str | None) -> dict[str, Any]:
        """Return what the checks at an upload find."""
        return self._ask({"path": str(path), "sheet": sheet, "head": True, "cells": False})

    def read_whole(self, path: Path, sheet: str | None, *, cells: bool) -> dict[str, Any]:
        """Return what an import finds."""
        return self._ask({"path": str(path), "sheet": sheet, "head": False, "cells": cells})

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return what was found, in ms and MB of growth over the idle process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], STUCK_S)
        if not ready:
            self._process.kill()
            raise AssertionError(f"the reader is stuck on {order['path']}")
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
