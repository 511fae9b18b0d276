"""What a process of the parser does not import it does not hold in memory."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "not_needed"),
    [("parser.__main__", "pyarrow"), ("parser.adapters.sheet_child", "pydantic")],
)
def test_a_process_holds_only_what_it_needs(module: str, not_needed: str) -> None:
    """The parser itself opens no chunk (30 MB), a reading child has no settings (15 MB)."""
    program = f"import sys, {module}; sys.exit({not_needed!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
