"""Tables that somebody holds: what asks them is told to come again, and nothing is a bug."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from structlog.testing import capture_logs

from sluice.db.pool import SESSION_DEFAULTS, connection_options

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from conftest import Api

    from upload_api.parts import Parts

JOB = UUID(int=1)
OF_KAFKA = ("/api/ops/consumers", "/api/ops/overview")
METHODS = ("get", "post", "put", "patch", "delete")
BODIES = {
    "/api/auth/login": {"username": "anna", "password": "wrong"},
    "/api/jobs/{job_id}": {"isPublic": True},
    "/api/jobs/{job_id}/share": {"shareWithUsers": ["bert"], "permissions": "view"},
    "/api/ops/dlq/replays": {"ids": [1], "reason": "a test"},
    "/api/ops/dlq/discards": {"ids": [1], "reason": "a test"},
    "/api/mappings/{name}": {"target": "orders", "columns": {"a": "quantity"}},
}


def test_no_route_takes_a_busy_database_for_a_bug(start_api: Callable[..., Api]) -> None:
    api = start_api(tidy=False, change=_impatient, SLUICE_DATABASE_POOL_SIZE="10")
    headers = api.headers("root", "admin")
    paths = api.client.get("/openapi.json").json()["paths"]
    routes = [path for path in paths if path.startswith("/api/") and path not in OF_KAFKA]
    calls = [(method, path) for path in routes for method in METHODS if method in paths[path]]
    places = {"job_id": JOB, "user_id": JOB, "replay_id": JOB, "dead_letter_id": 1}

    def ask(call: tuple[str, str]) -> httpx.Response:
        method, path = call
        named = path.format_map(_Places(places))
        if path.startswith("/api/upload"):
            files = {"file": ("a.csv", b"a,b\n1,2\n")}
            return api.client.request(method, named, headers=headers, files=files)
        return api.client.request(method, named, headers=headers, json=BODIES.get(path))

    with psycopg.connect(api.database_url) as conn, ThreadPoolExecutor(len(calls)) as clients:
        assert api.client.get("/api/jobs", headers=headers).status_code == 200  # the token is known
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'sluice'")
        names = ", ".join(f"sluice.{name}" for (name,) in tables)
        conn.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE".encode())
        with capture_logs() as logs:
            answers = dict(zip(calls, clients.map(ask, calls), strict=True))
    failed = {call: answer.text for call, answer in answers.items() if answer.status_code == 500}
    assert not failed
    refused = [answer for answer in answers.values() if answer.status_code == 503]
    told = {call: answer.status_code for call, answer in answers.items()}
    assert len(refused) > len(calls) / 2, told
    assert all(answer.headers["retry-after"] for answer in refused)
    busy = {log["route"] for log in logs if log["event"] == "the database was too busy"}
    assert {"/api/jobs", "/api/jobs/{job_id}"} <= busy <= set(paths)


def _impatient(parts: Parts) -> Parts:
    session = dict(SESSION_DEFAULTS) | {"lock_timeout": "200ms"}
    parts.pool.kwargs = {"autocommit": True} | connection_options("test", session)
    with parts.pool.connection() as first:  # has the patience of before
        first.close()
    return parts


class _Places(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "a"
