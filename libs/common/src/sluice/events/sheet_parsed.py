"""`sheet-parsed`: the sheet was read to its end; the true totals are known."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class SheetParsed(Fact):
    """The manifest: so many rows in so many chunks. It is the same for every reading."""

    NAME: ClassVar[str] = "sheet-parsed"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    total_rows: int
    """Rows of the sheet, without header and blank ones."""
    total_chunks: int
    """They are numbered from 0."""
    bytes_total: int
    """The sheet's inflated size."""
