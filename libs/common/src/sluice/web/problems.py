"""Errors as HTTP answers: `application/problem+json` (RFC 9457), the same from every service."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from sluice.db.pool import is_busy, is_outage, outage_of
from sluice.errors import Outage
from sluice.web.security_headers import headers_for

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
_REQUEST_ID = "sluice.request_id"
_CODE = "sluice.problem_code"
_JOB_ID_NAMES = frozenset({"job_id", "jobId"})


class Problem(Exception):
    """A request that cannot be granted: what a person reads and what a program decides by.

    `members` are extra members of the answer, given in camelCase and JSON-ready.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the members of the answer."""
        title = self.code.replace("_", " ").capitalize()
        return {
            **self.members,
            "type": self.code.lower().replace("_", "-"),
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
            "code": self.code,
            "error": title,
        }


def request_id_of(request: HTTPConnection) -> str:
    """Return this request's id, made when it is first asked for; logs and answers carry it."""
    return str(request.scope.setdefault(_REQUEST_ID, str(uuid4())))


def problem_code_of(scope: Scope) -> str:
    """Return the code of the problem that a request was answered with, or nothing."""
    return str(scope.get(_CODE, ""))


def problem_response(request: HTTPConnection, problem: Problem) -> Response:
    """Return a problem as an answer."""
    request.scope[_CODE] = problem.code
    body = problem.body(request_id_of(request))
    # Of a bug's answer no middleware of ours hears: it is made around them all
    headers = headers_for(request.scope["path"], request.url.scheme) | problem.headers
    return JSONResponse(body, problem.status, headers=headers, media_type=MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an app with a problem; what is unexpected says nothing of itself."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Outage, _on_outage)
    app.add_exception_handler(psycopg.Error, _on_database_error)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return problem_response(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_response(request, _problem_of_validation(error))


def _problem_of_validation(error: RequestValidationError) -> Problem:
    """Name the places that are wrong, and never repeat what was sent."""
    faults = [
        {"place": ".".join(map(str, fault["loc"])), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    places = [tuple(fault["loc"]) for fault in error.errors()]
    if any(place[0] == "path" and place[-1] in _JOB_ID_NAMES for place in places):
        return Problem(400, "JOB_ID_INVALID", "The job id in the path is not a UUID.")
    told = "; ".join(f"{fault['place']}: {fault['message']}" for fault in faults)
    if all(place[0] == "body" for place in places):
        return Problem(422, "BODY_INVALID", f"The body does not fit: {told}.", errors=faults)
    return Problem(400, "PARAMETER_INVALID", f"A parameter does not fit: {told}.", errors=faults)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    code = "".join(c if c.isalnum() else "_" for c in phrase.upper())
    detail = {
        404: "There is nothing at this address.",
        405: f"This address does not take {request.method}.",
    }.get(error.status_code, str(error.detail))
    return problem_response(
        request, Problem(error.status_code, code, detail, headers=error.headers)
    )


async def _on_outage(request: Request, error: Exception) -> Response:
    if not isinstance(error, Outage):
        raise error
    return _on_unreachable(request, error)


async def _on_database_error(request: Request, error: Exception) -> Response:
    """Answer what may go well when it is asked again; the rest is a bug, and is raised on."""
    if isinstance(error, psycopg.Error) and is_outage(error):
        return _on_unreachable(request, outage_of(error))
    if isinstance(error, psycopg.Error) and is_busy(error):
        # Where it comes again and again it is a fault of ours: a slow query, a wrong order of locks
        log.warning(
            "the database was too busy",
            method=request.method,
            route=getattr(request.scope.get("route"), "path", "(no route)"),
            sqlstate=error.sqlstate,
            request_id=request_id_of(request),
            exc_info=error,
        )
        return _unavailable(request, "postgres is too busy")
    raise error


def _on_unreachable(request: Request, outage: Outage) -> Response:
    log.warning(
        "a request was refused in an outage",
        dependency=outage.dependency,
        reason=outage.reason,
        request_id=request_id_of(request),
    )
    return _unavailable(request, f"{outage.dependency} cannot be reached")


def _unavailable(request: Request, why: str) -> Response:
    problem = Problem(
        503,
        "SERVICE_UNAVAILABLE",
        f"{why} at the moment: try again in a few seconds.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
    return problem_response(request, problem)


async def _on_unexpected(request: Request, error: Exception) -> Response:
    # The server logs the traceback itself: starlette raises the error again behind this answer
    log.error(
        "a request failed unexpectedly",
        error=type(error).__name__,
        method=request.method,
        path=request.url.path,
        request_id=request_id_of(request),
    )
    detail = "Something went wrong on our side; the log has it under this answer's instance."
    return problem_response(request, Problem(500, "INTERNAL", detail))
