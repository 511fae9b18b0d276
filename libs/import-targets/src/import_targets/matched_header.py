"""What became of one header of a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sluice.job_layout import column_letter

Via: TypeAlias = Literal["name", "alias", "close", "mapping", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedHeader:
    """One column of a sheet, the field that it feeds, and how that was found.

    Attributes:
        index: 0-based: 0 is column A.
        field: what it feeds; None when the target does not take it.
        suggested: what a mapping had better say: `field`, or a field of close spelling that is too
            uncertain to be fed without being asked for.
        confidence: of `suggested`, from 0 (nothing is like it) to 1 (no doubt).
        via: how `suggested` was found; `mapping` also where the mapping says None.
    """

    index: int
    header: str
    field: str | None = None
    suggested: str | None = None
    confidence: float = 0.0
    via: Via = "none"

    @property
    def letter(self) -> str:
        return column_letter(self.index)


def sure(index: int, header: str, field: str | None, via: Via) -> MatchedHeader:
    """Return a match without any doubt."""
    return MatchedHeader(
        index=index, header=header, field=field, suggested=field, confidence=1.0, via=via
    )
