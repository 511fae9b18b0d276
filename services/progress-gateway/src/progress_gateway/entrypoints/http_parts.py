"""What the routes of the HTTP process share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progress_gateway.adapters.job_views import JobViews
    from progress_gateway.adapters.snapshot_reader import SnapshotReader
    from progress_gateway.adapters.stream_tickets import StreamTickets
    from progress_gateway.adapters.upload_api import UploadApi
    from progress_gateway.entrypoints.sse_stream import StreamParts
    from progress_gateway.entrypoints.stream_limits import StreamLimits
    from sluice.web.auth import Authenticator


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpParts:
    """Who is asking, what is streamed, where the rest is forwarded to."""

    authenticator: Authenticator
    reader: SnapshotReader
    views: JobViews
    stream: StreamParts
    limits: StreamLimits
    upload_api: UploadApi
    tickets: StreamTickets

    async def close(self) -> None:
        """Let go of Redis and upload-api, inside the event loop."""
        await self.tickets.close()
        await self.reader.close()
        await self.upload_api.close()
        await self.limits.limiter.close()
