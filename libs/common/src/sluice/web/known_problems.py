"""Problems that routes have in common, as the interface's description tells them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.web.problems import Problem

REQUEST_ID = "0b9bb4c5-6f3c-4b4a-9a54-3c8f1c1e6a10"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProblem:
    """One way that routes say no.

    `where` is searched for in `METHOD /path parameter parameter …` of the routes that document the
    status; empty: all of them.
    """

    status: int
    code: str
    detail: str
    where: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)

    def is_of(self, status: str, route: str) -> bool:
        return str(self.status) == status and re.search(self.where, route) is not None

    def example(self) -> dict[str, Any]:
        """Return it as it is documented."""
        problem = Problem(self.status, self.code, self.detail, **self.members)
        return {"summary": self.detail, "value": problem.body(REQUEST_ID)}


def known(status: int, code: str, detail: str, where: str = "", **members: Any) -> KnownProblem:
    """Return a known problem, in a line."""
    return KnownProblem(status=status, code=code, detail=detail, where=where, members=members)


_CHANGES = r"^(POST|PUT|PATCH|DELETE) "
_SIGNED_IN = r"^(?!POST /api/auth/login)"
_FAULTS = [{"place": "query.limit", "message": "Input should be less than or equal to 500"}]
COMMON = (
    known(400, "JOB_ID_INVALID", "The job id in the path is not a UUID.", r"\{job_id\}"),
    known(
        400,
        "PARAMETER_INVALID",
        "A parameter does not fit: query.limit: Input should be less than or equal to 500.",
        errors=_FAULTS,
    ),
    known(401, "TOKEN_MISSING", "Sign in first: no token was sent.", _SIGNED_IN),
    known(401, "TOKEN_INVALID", "Sign in again: the token has expired.", _SIGNED_IN),
    known(401, "USER_UNKNOWN", "This user is unknown or disabled.", _SIGNED_IN),
    known(
        403,
        "FOREIGN_ORIGIN",
        "A page of another origin may change nothing with this cookie.",
        _CHANGES,
    ),
    known(403, "JOB_FORBIDDEN", "You lack the right to view this job.", r"\{job_id\}|ticket"),
    known(404, "JOB_UNKNOWN", "There is no such job.", r"\{job_id\}|ticket"),
    known(
        422,
        "BODY_INVALID",
        "The body does not fit: body.isPublic: Field required.",
        errors=[{"place": "body.isPublic", "message": "Field required"}],
    ),
    known(
        503,
        "SERVICE_UNAVAILABLE",
        "postgres cannot be reached at the moment: try again in a few seconds.",
    ),
)
ANYWHERE = (
    known(404, "NOT_FOUND", "There is nothing at this address."),
    known(405, "METHOD_NOT_ALLOWED", "This address does not take PUT."),
    known(413, "BODY_TOO_LARGE", "The body is larger than what is taken here."),
    known(500, "INTERNAL", "Something went wrong on our side; the log has it."),
    known(502, "UPLOAD_API_UNAVAILABLE", "upload-api did not answer: it is being restarted."),
)
"""What no route documents, for any may answer it."""


def examples_of(
    problems: Iterable[KnownProblem], status: str, route: str
) -> dict[str, dict[str, Any]]:
    """Return the examples of a route's status, by code."""
    return {each.code: each.example() for each in problems if each.is_of(status, route)}
