"""How an app's OpenAPI document tells its operations: names that stay, examples, problems."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from sluice.web.known_problems import COMMON, KnownProblem, examples_of
from sluice.web.problems import MEDIA_TYPE

_OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")


class ProblemView(BaseModel):
    """Every error's body (RFC 9457); `type` is the code in kebab case, a relative reference.

    Some codes have members of their own.
    """

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


def operation_id(route: APIRoute) -> str:
    """Return `pauseJob`: the name by which generated clients call a route, whatever its path."""
    return to_camel(route.name)


def describe_problems(
    app: FastAPI, known: Sequence[KnownProblem] = (), examples: Mapping[str, Any] | None = None
) -> None:
    """Correct what the framework writes: its own 422 is never sent, and problems have a type.

    Args:
        app: the app; its document is made when it is first asked for.
        known: problems of this app, beside the common ones: each goes where it may be answered.
        examples: what routes answer when all is well, by `METHOD /path`.
    """
    written = app.openapi

    def corrected() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = written()
        if is_new:
            for route, operation in _operations(document):
                _summarise(operation)
                _correct(operation["responses"])
                _show_problems((*COMMON, *known), route, operation)
                _show_success((examples or {}).get(route), operation["responses"])
            for name in _OF_THE_FRAMEWORK:
                document.get("components", {}).get("schemas", {}).pop(name, None)
        return document

    app.openapi = corrected  # type: ignore[method-assign]  # the way that FastAPI offers


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "responses" in operation:
                yield f"{method.upper()} {path}", operation


def _summarise(operation: dict[str, Any]) -> None:
    """Take the first sentence for the list of operations."""
    first, _, _ = operation.get("description", "").partition("\n\n")
    if first:
        operation["summary"] = " ".join(first.split()).rstrip(".")


def _correct(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        content = response.get("content", {})
        told = str(content.get("application/json", {}).get("schema", {}))
        if "HTTPValidationError" in told:
            del responses[status]
        elif "ProblemView" in told:
            content.setdefault(MEDIA_TYPE, {}).update(content.pop("application/json"))


def _show_problems(known: Sequence[KnownProblem], route: str, operation: dict[str, Any]) -> None:
    names = " ".join(each["name"] for each in operation.get("parameters", ()))
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get(MEDIA_TYPE)
        if content is None or "examples" in content:
            continue
        content["examples"] = examples_of(known, status, f"{route} {names}")
        codes = ", ".join(f"`{code}`" for code in content["examples"])
        response["description"] = f"{HTTPStatus(int(status)).phrase}: {codes}"


def _show_success(example: Any, responses: dict[str, Any]) -> None:
    """Put an example where a route succeeds; a second success status answers the same."""
    for status, response in responses.items():
        if status.startswith("2") and example is not None:
            for content in response.get("content", {}).values():
                content["example"] = example
