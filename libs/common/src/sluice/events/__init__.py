"""The facts of a job, in the order in which they happen.

1. `JobCreated` (upload-api → parser): the file and the job are durable.
2. `ParsingStarted` (parser → gateway): a parser has claimed the job.
   `JobStarted` (gateway → the world): the same for services outside.
3. `RowsChunked` (parser → writer): the cells of some thousand rows, as Arrow
   (in `sluice.events.rows_chunked`, which needs pyarrow and is imported by name).
4. `ChunkWritten` (writer → gateway): the chunk is committed, its bad rows recorded.
5. `SheetParsed` (parser → gateway): the sheet is read; the totals are known.
   `ParsingFailed` (parser), `WritingFailed` (writer): the job cannot go on.
6. `JobFinished` (gateway → gateway), `JobFinishedNotice` (gateway → the world): the end.

What can come between:
- `ChunkRetrying`, then `ChunkDeadLettered` (writer → gateway): a chunk failed, for now or for good.
- `ImportWaiting`, `ImportResumed` (writer, parser → gateway): a dependency is away.
- After the end: `RowsHealed` (gateway, of a correction), `RowsUndone` (writer → gateway).
- `JobPaused`, `JobResumed`, `JobCancelled`, `JobRetried` (upload-api → gateway): somebody controls
  the job; `JobWakeup` (upload-api → parser) where it wants reading again.

Everything but `JobCreated`, `JobWakeup` and `RowsChunked` is on `imports.results`, keyed by job:
the job's log.

They are imported when first asked for: who reads files needs chunks alone, and no pydantic.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice.events.facts import *  # noqa: F403 - which they are stands there alone


def __getattr__(name: str) -> Any:
    # A module of this package is found by whoever imports it, without the facts
    if find_spec(f"{__name__}.{name}") is None:
        facts = import_module("sluice.events.facts")
        if name == "__all__" or name in facts.__all__:
            return getattr(facts, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
