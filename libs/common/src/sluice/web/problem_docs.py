"""How problems look in an app's OpenAPI document: the same from every service."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from sluice.web.problems import MEDIA_TYPE

_OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")


class ProblemView(BaseModel):
    """Every error's body (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    error: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of a route's errors."""
    return {status: {"model": ProblemView} for status in statuses}


def describe_problems(app: FastAPI) -> None:
    """Correct what the framework writes: its own 422 is never sent, and problems have a type."""
    written = app.openapi

    def corrected() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = written()
        if is_new:
            for operation in _operations(document):
                _correct(operation["responses"])
            for name in _OF_THE_FRAMEWORK:
                document.get("components", {}).get("schemas", {}).pop(name, None)
        return document

    app.openapi = corrected  # type: ignore[method-assign]  # the way that FastAPI offers


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for operation in path.values() if "responses" in operation)


def _correct(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        content = response.get("content", {})
        told = str(content.get("application/json", {}).get("schema", {}))
        if "HTTPValidationError" in told:
            del responses[status]
        elif "ProblemView" in told:
            content.setdefault(MEDIA_TYPE, {}).update(content.pop("application/json"))
