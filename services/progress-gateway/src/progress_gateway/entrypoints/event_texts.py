"""Step 4: what an event says, read and put into words once for all who are told the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sluice.errors import Outage
from sluice.job_status import TERMINAL_STATUSES

if TYPE_CHECKING:
    from progress_gateway.adapters.job_views import JobViews
    from progress_gateway.adapters.snapshot_reader import SnapshotReader
    from progress_gateway.entrypoints.shared_messages import SharedMessages

ERRORS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTexts:
    """Makes the texts of events, but for their ids."""

    messages: SharedMessages
    reader: SnapshotReader
    views: JobViews

    async def of(self, event: str, snapshot: dict[str, Any], *, for_control: bool) -> bytes:
        """Return an event as it is sent."""
        if event == "progress" and snapshot["status"] not in TERMINAL_STATUSES:
            return self.messages.progress(snapshot, lambda: _body(event, snapshot, {}))
        return await self.messages.detailed(
            event,
            snapshot,
            for_control=for_control,
            make=lambda: self._detailed(event, snapshot, for_control=for_control),
        )

    async def _detailed(
        self, event: str, snapshot: dict[str, Any], *, for_control: bool
    ) -> dict[str, Any]:
        """Return a message with what is read for it: the same for all with the same right."""
        more: dict[str, Any] = {}
        if event.startswith("batch_"):
            batches = snapshot["data"].get("recentBatches", [])
            details = await self._batch_details(snapshot["jobId"], for_control=for_control)
            more = {"recentBatches": batches} | details
        elif snapshot["status"] in TERMINAL_STATUSES:
            more = {"errors": await self._first_errors(snapshot, for_control=for_control)}
        return _body(event, snapshot, more)

    async def _batch_details(self, job_id: str, *, for_control: bool) -> dict[str, Any]:
        """Return the last ids and errors; viewers get neither, for they hold values of cells."""
        if not for_control:
            return {"insertedIds": [], "errors": []}
        try:
            recent = await self.reader.recent(job_id)
        except Outage:
            recent = {}
        return {
            "insertedIds": recent.get("ids", []),
            "errors": recent.get("errors", [])[-ERRORS_SHOWN:],
        }

    async def _first_errors(self, snapshot: dict[str, Any], *, for_control: bool) -> list[str]:
        """Return the first rejected rows of a job that ended: codes for viewers."""
        if not snapshot["data"]["failedRows"]:
            return []
        try:
            rows = await self.views.first_errors(snapshot["jobId"])
        except Outage:
            return []
        shown = "message" if for_control else "code"
        return [f"Row {row['line']}: {row[shown]}" for row in rows]


def _body(event: str, snapshot: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in snapshot["data"].items() if name != "recentBatches"}
    return {**snapshot, "type": event, "data": data | more}
