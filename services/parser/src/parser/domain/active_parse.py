"""Step 2: where one parse stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from parser.domain.patience import Patience
from parser.domain.window import Window
from sluice.tracing import NOT_TRACED

if TYPE_CHECKING:
    from parser.domain.claims import Claim
    from sluice.tracing import Span

Reader = TypeVar("Reader")
Totals = TypeVar("Totals")


@dataclass(slots=True)
class ActiveParse(Generic[Reader, Totals]):
    """A claimed job that is being read; `totals` is known once the sheet was read to its end."""

    claim: Claim
    reader: Reader
    window: Window = field(default_factory=Window)
    patience: Patience = field(default_factory=Patience)
    totals: Totals | None = None
    begun_at_s: float = 0.0
    span: Span = NOT_TRACED

    def may_read(self, active_parses: int) -> bool:
        return self.totals is None and self.window.has_room(active_parses)


def may_claim_any_size(slots: int, active: int) -> bool:
    """Tell whether a free slot may take a file of any size: the last one is kept for small files.

    A parser with a single slot keeps none.
    """
    return active < max(slots - 1, 1)
