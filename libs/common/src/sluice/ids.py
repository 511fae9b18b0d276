"""The names of things, so that one number is never taken for another."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

JobId = NewType("JobId", UUID)
UserId = NewType("UserId", UUID)
ChunkNo = NewType("ChunkNo", int)
"""0-based number of a chunk inside its job."""
SheetLine = NewType("SheetLine", int)
"""1-based row number as the spreadsheet program shows it."""
