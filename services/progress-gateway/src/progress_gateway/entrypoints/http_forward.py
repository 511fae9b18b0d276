"""Every other `/api/*` goes to upload-api, streamed both ways: a browser talks to one origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from progress_gateway.adapters.upload_api import forwarded_headers, returned_headers
from sluice.errors import Outage
from sluice.web.problems import Problem

if TYPE_CHECKING:
    from progress_gateway.entrypoints.http_parts import HttpParts

router = APIRouter()
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CLIENT_GONE = 499


@router.api_route("/api/{path:path}", methods=METHODS, include_in_schema=False)
async def forward(request: Request) -> Response:
    """Pass a request on; its body is never held."""
    parts: HttpParts = request.app.state.parts
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    client_host = request.client.host if request.client else "unknown"
    raw_path = request.scope["raw_path"].split(b"?")[0]
    query = request.scope["query_string"]
    path = (raw_path + (b"?" + query if query else b"")).decode("latin-1")
    headers = forwarded_headers(
        request.headers.raw, client_host, request.url.scheme, request.headers.get("host", "")
    )
    body = request.stream() if has_body else None
    try:
        answer = await parts.upload_api.send(request.method, path, headers, body)
    except ClientDisconnect:
        return Response(status_code=CLIENT_GONE)
    except Outage as outage:
        raise Problem(
            502, "UPLOAD_API_UNAVAILABLE", f"upload-api did not answer: {outage.reason}."
        ) from outage
    response = StreamingResponse(
        answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
    )
    response.raw_headers = returned_headers(answer.headers.raw)
    return response
