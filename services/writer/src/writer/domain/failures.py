"""What an exception says of a chunk that failed: a stable class, and no cell's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.errors import Poison, Transient
from sluice.kafka.dead_letter import Failure

if TYPE_CHECKING:
    from types import TracebackType

UNEXPECTED = "UNEXPECTED"
KILLED_ITS_WRITER = Failure(
    code="KILLED_ITS_WRITER",
    message="twice a writer ended with this record alone in hand: look for what it holds",
)
UNREADABLE_KEY = "the record's key names no job and chunk"


def failure_of(error: Exception) -> Failure:
    """Return what is told of an exception: of an unknown one its kind and place alone.

    A driver's text repeats values of the row it refused, so it never goes along.
    """
    if isinstance(error, Transient):
        return Failure(code=error.code, message=str(error))
    if isinstance(error, Poison):
        return Failure(code=error.code, message=error.message)
    sqlstate = getattr(error, "sqlstate", None)
    kind = f"{type(error).__name__} {sqlstate}" if sqlstate else type(error).__name__
    return Failure(code=UNEXPECTED, message=f"{kind} in {_place(error.__traceback__)}")


def _place(trace: TracebackType | None) -> str:
    """Return the innermost module and line of ours that an exception passed."""
    place = "an unknown place"
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith(("writer.", "import_targets.", "sluice.")):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
