"""Step 2: where one parse stands."""

from __future__ import annotations

from collections import deque
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
Frame = TypeVar("Frame")

READ_AHEAD = 4
"""Frames that are read while windows are full, of all parses together, one of each at least. A
window opens by leaps, when a transaction is seen: a reader that stood meanwhile left a core idle.
What waits here stands before no other job's rows. Four of each took four parses to 107 MB."""


@dataclass(slots=True)
class ActiveParse(Generic[Reader, Frame, Totals]):
    """A claimed job that is being read; `totals` is known once the sheet was read to its end."""

    claim: Claim
    reader: Reader
    window: Window = field(default_factory=Window)
    patience: Patience = field(default_factory=Patience)
    totals: Totals | None = None
    begun_at_s: float = 0.0
    span: Span = NOT_TRACED
    _ahead: deque[Frame] = field(default_factory=deque)
    _has_last: bool = False

    def may_read(self, active_parses: int) -> bool:
        """Tell whether a further frame may be read before the turn of those that were."""
        return not self._has_last and len(self._ahead) < max(1, READ_AHEAD // active_parses)

    def read(self, frame: Frame, *, is_last: bool) -> None:
        """Keep a frame until its turn; nothing comes behind the last one."""
        self._ahead.append(frame)
        self._has_last = is_last

    def next_frame(self, active_parses: int) -> Frame | None:
        """Return the frame whose turn it is, if the window has room for it."""
        if not self._ahead or not self.window.has_room(active_parses):
            return None
        return self._ahead.popleft()


def may_claim_any_size(slots: int, active: int) -> bool:
    """Tell whether a free slot may take a file of any size: the last one is kept for small files.

    A parser with a single slot keeps none.
    """
    return active < max(slots - 1, 1)
