"""`/api/events`: what other services may build on, as AsyncAPI and JSON Schema; for everybody."""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from sluice.events import PUBLIC_FACTS
from sluice.events.asyncapi import asyncapi_document
from sluice.events.schema_files import schema_text
from sluice.settings import KafkaSettings
from sluice.web.problems import Problem
from upload_api.entrypoints.callers import AppParts, problems

router = APIRouter(prefix="/api/events", tags=["events"])

SCHEMA_TYPE = "application/schema+json"
KINDS = {f"{kind.NAME}.v{kind.VERSION}": kind for kind in reversed(PUBLIC_FACTS)}


@router.get("/asyncapi.json")
def asyncapi(parts: AppParts) -> dict[str, Any]:
    """The AsyncAPI 3 document of all events, with this installation's partitions."""
    return _document(parts.settings)


@router.get(
    "/schemas/{event}",
    response_class=Response,
    responses={200: {"content": {SCHEMA_TYPE: {}}}, **problems(404)},
)
def event_schema(event: str) -> Response:
    """The JSON Schema of one event's body, such as `chunk-written.v1`."""
    kind = KINDS.get(event)
    if kind is None:
        detail = f"There is no event {event[:100]!r}; the known ones: {', '.join(sorted(KINDS))}."
        raise Problem(404, "EVENT_UNKNOWN", detail, events=sorted(KINDS))
    return JSONResponse(json.loads(schema_text(kind)), media_type=SCHEMA_TYPE)


@cache
def _document(settings: KafkaSettings) -> dict[str, Any]:
    return asyncapi_document(settings)
