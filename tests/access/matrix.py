"""Who gets which answer from which route: the one table, and what is sent to each route.

A new route needs a row here; the test fails until it has one. A route that needs a body, a query
or a job in a certain state says so in `SENT`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLERS = {
    "none": "sends no token",
    "expd": "the owner's token, expired",
    "sign": "the owner's claims, signed with another secret",
    "alg0": "the owner's claims, `alg: none`",
    "disa": "a valid token of a disabled user",
    "othr": "another user, to whom nothing is shared",
    "publ": "another user, and the job is public",
    "laps": "another user, whose share has expired",
    "view": "shared with them for viewing",
    "ctrl": "shared with them for control",
    "ownr": "the job's owner",
    "oper": "an operator",
    "admn": "an admin",
}

TABLE = """
upload-api                                none expd sign alg0 disa othr publ laps view ctrl ownr oper admn
  GET    /livez                            200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /readyz                           200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /metrics                          200  200  200  200  200  200  200  200  200  200  200  200  200
  POST   /api/auth/login                   200  200  200  200  200  200  200  200  200  200  200  200  200
  POST   /api/auth/logout                  204  204  204  204  204  204  204  204  204  204  204  204  204
  GET    /api/auth/me                      401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/limits                       200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /api/events/asyncapi.json         200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /api/events/schemas/{event}       200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /api/targets                      401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/targets/{name}               401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/targets/{name}/template.xlsx 401  401  401  401  401  200  200  200  200  200  200  200  200
  POST   /api/upload/preview               401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/mappings                     401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/mappings/{name}              401  401  401  401  401  404  404  404  404  404  404  404  404
  DELETE /api/mappings/{name}              401  401  401  401  401  404  404  404  404  404  404  404  404
  PUT    /api/mappings/{name}              401  401  401  401  401  200  200  200  200  200  200  200  200
  POST   /api/upload/excel                 401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/jobs                         401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/jobs/{job_id}                401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/jobs/{job_id}/errors         401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/jobs/{job_id}/errors/summary 401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/jobs/{job_id}/failed-rows.xlsx 401  401  401  401  401  403  403  403  403  200  200  403  200
  GET    /api/jobs/{job_id}/failed-rows.csv 401  401  401  401  401  403  403  403  403  200  200  403  200
  GET    /api/jobs/{job_id}/unprocessed-rows.xlsx 401  401  401  401  401  403  403  403  403  200  200  403  200
  GET    /api/jobs/{job_id}/unprocessed-rows.csv 401  401  401  401  401  403  403  403  403  200  200  403  200
  GET    /api/jobs/{job_id}/audit          401  401  401  401  401  403  403  403  403  403  200  403  200
  PATCH  /api/jobs/{job_id}                401  401  401  401  401  403  403  403  403  403  200  403  200
  POST   /api/jobs/{job_id}/share          401  401  401  401  401  403  403  403  403  403  200  403  200
  GET    /api/jobs/{job_id}/shares         401  401  401  401  401  403  403  403  403  403  200  403  200
  DELETE /api/jobs/{job_id}/share/{user_id} 401 401  401  401  401  403  403  403  403  403  204  403  204
  DELETE /api/jobs/{job_id}                401  401  401  401  401  403  403  403  403  403  204  403  204
  POST   /api/jobs/{job_id}/pause          401  401  401  401  401  403  403  403  403  202  202  403  202
  POST   /api/jobs/{job_id}/resume         401  401  401  401  401  403  403  403  403  202  202  403  202
  POST   /api/jobs/{job_id}/cancel         401  401  401  401  401  403  403  403  403  202  202  403  202
  POST   /api/jobs/{job_id}/retry          401  401  401  401  401  403  403  403  403  202  202  403  202
  POST   /api/jobs/{job_id}/undo           401  401  401  401  401  403  403  403  403  403  202  403  202
  GET    /api/jobs/{job_id}/undo           401  401  401  401  401  403  404  403  404  404  404  404  404
  GET    /api/ops/dlq                      401  401  401  401  401  403  403  403  403  403  403  200  200
  GET    /api/ops/dlq/summary              401  401  401  401  401  403  403  403  403  403  403  200  200
  GET    /api/ops/dlq/{dead_letter_id}     401  401  401  401  401  403  403  403  403  403  403  200  200
  POST   /api/ops/dlq/discards             401  401  401  401  401  403  403  403  403  403  403  200  200
  POST   /api/ops/dlq/replays              401  401  401  401  401  403  403  403  403  403  403  202  202
  GET    /api/ops/dlq/replays/{replay_id}  401  401  401  401  401  403  403  403  403  403  403  200  200
  POST   /api/ops/dlq/resume               401  401  401  401  401  403  403  403  403  403  403  200  200
  GET    /api/ops/audit                    401  401  401  401  401  403  403  403  403  403  403  200  200
  GET    /api/ops/overview                 401  401  401  401  401  403  403  403  403  403  403  200  200
  GET    /api/ops/consumers                401  401  401  401  401  403  403  403  403  403  403  200  200

progress-gateway                          none expd sign alg0 disa othr publ laps view ctrl ownr oper admn
  GET    /livez                            200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /readyz                           200  200  200  200  200  200  200  200  200  200  200  200  200
  GET    /metrics                          200  200  200  200  200  200  200  200  200  200  200  200  200
  POST   /api/progress/ticket              401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/progress/stream              401  401  401  401  401  200  200  200  200  200  200  200  200
  GET    /api/progress/{job_id}            401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/progress/{job_id}/batches    401  401  401  401  401  403  200  403  200  200  200  200  200
  GET    /api/progress/{job_id}/stream     401  401  401  401  401  403  200  403  200  200  200  200  200
"""  # noqa: E501 - a table is read across


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a route is sent beside its path, and the job that it is sent about.

    Texts may hold the same places as a path, such as `{job_id}`.
    """

    json: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: tuple[str, bytes] | None = None
    query: str = ""
    job: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the job, where they are not those of a running one."""


SENT = {
    "POST /api/auth/login": Sent(json={"username": "ownr", "password": "the owner's password"}),
    "POST /api/upload/excel": Sent(file=("a.csv", b"name,age\nanna,7\n")),
    "POST /api/progress/ticket": Sent(json={"jobId": "{job_id}"}),
    "PATCH /api/jobs/{job_id}": Sent(json={"isPublic": True}),
    "POST /api/jobs/{job_id}/share": Sent(json={"shareWithUsers": ["othr", "{user_id}"]}),
    "GET /api/jobs/{job_id}/unprocessed-rows.xlsx": Sent(job={"status": "completed"}),
    "GET /api/jobs/{job_id}/unprocessed-rows.csv": Sent(job={"status": "completed"}),
    "POST /api/upload/preview": Sent(file=("a.csv", b"name,age\nanna,7\n")),
    "PUT /api/mappings/{name}": Sent(json={"target": "orders", "columns": {"No": "order_id"}}),
    "DELETE /api/jobs/{job_id}": Sent(job={"status": "completed"}),
    "POST /api/jobs/{job_id}/retry": Sent(job={"status": "failed"}),
    "POST /api/jobs/{job_id}/undo": Sent(job={"status": "completed"}),
    "POST /api/ops/dlq/discards": Sent(json={"ids": ["{dead_letter_id}"], "reason": "of no use"}),
    "POST /api/ops/dlq/replays": Sent(json={"filter": {"jobId": "{job_id}"}}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One route and the status that each caller gets."""

    app: str
    method: str
    path: str
    expected: Mapping[str, int]

    @property
    def sent(self) -> Sent:
        return SENT.get(f"{self.method} {self.path}", Sent())

    def __str__(self) -> str:
        return f"{self.app} {self.method} {self.path}"


def rows_of(table: str) -> list[Row]:
    """Return the rows of a table as the one above."""
    rows: list[Row] = []
    app, callers = "", []
    for line in filter(str.strip, table.splitlines()):
        first, second, *statuses = line.split()
        if not line.startswith(" "):
            app, callers = first, [second, *statuses]
            continue
        expected = dict(zip(callers, map(int, statuses), strict=True))
        rows.append(Row(app=app, method=first, path=second, expected=expected))
    return rows


ROWS = rows_of(TABLE)
