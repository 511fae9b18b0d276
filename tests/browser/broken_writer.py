"""A writer with a bug, for as long as a block lasts: its chunks become dead letters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devstack import Stack


@contextmanager
def broken_writer(stack: Stack, folder: Path) -> Iterator[None]:
    """Have the writer raise before each transaction; afterwards it is sound again."""
    folder.mkdir(exist_ok=True)
    point = folder / "writer.before_tx"
    point.write_text("raise", encoding="utf-8")
    stack.set_env("writer", {"SLUICE_FAILPOINTS_DIR": str(folder)})
    stack.restart("writer")
    try:
        yield
    finally:
        point.unlink()
