"""What a process of the parser does not import it does not hold in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sample_data import generate_orders

READ = """
import multiprocessing, os, sys, uuid
from parser.adapters import sheet_child
from parser.adapters.read_order import ENDED, ReadOrder
from sluice.confinement.reader_limits import ReaderLimits
from sluice.storage import ReadableFile

order = ReadOrder(
    job_id=uuid.UUID(int=1), run=1, file=ReadableFile(sys.argv[1]), sheet="orders", header_line=1,
    written=frozenset(), chunk_rows=None, chunker_version=2, spill_dir=sys.argv[2],
    limits=ReaderLimits(),
)
ours, theirs = multiprocessing.Pipe(duplex=False)
held = set(sys.modules)
if not (child := os.fork()):
    sheet_child.read_sheet(order, theirs)
    os._exit(len(set(sys.modules) - held))
theirs.close()
_, status = os.waitpid(child, 0)
said = os.read(ours.fileno(), 2**16)
sys.exit(os.waitstatus_to_exitcode(status) if ENDED + bytes(12) in said else "not read")
"""


@pytest.mark.parametrize(
    ("module", "not_needed"),
    [("parser.__main__", "pyarrow"), ("parser.adapters.sheet_child", "pydantic")],
)
def test_a_process_holds_only_what_it_needs(module: str, not_needed: str) -> None:
    """The parser itself opens no chunk (30 MB), a reading child has no settings (15 MB)."""
    program = f"import sys, {module}; sys.exit({not_needed!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0


def test_a_reading_child_has_all_that_it_imports_before_the_fork(tmp_path: Path) -> None:
    """What is imported later every child imports anew, before its first rows are sent."""
    path = tmp_path / "orders.xlsx"
    generate_orders(path, 100)
    program = [sys.executable, "-c", READ, str(path), str(tmp_path)]
    done = subprocess.run(program, check=False)
    assert done.returncode == 0, "so many modules were imported behind the fork"
