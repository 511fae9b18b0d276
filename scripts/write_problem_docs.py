"""Write docs/problems.md: every problem that the two HTTP apps answer, from their descriptions."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from progress_gateway.entrypoints import api_description as gateway_description
from progress_gateway.entrypoints import http_progress, http_tickets
from sluice.web.health import add_health_routes
from sluice.web.known_problems import ANYWHERE
from sluice.web.problem_docs import operation_id
from sluice.web.problems import MEDIA_TYPE
from upload_api.bootstrap import ENTRYPOINTS
from upload_api.entrypoints import api_description as upload_description

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "problems.md"
HEAD = """\
# Problems

Every error is `application/problem+json` (RFC 9457): `type` (the code in kebab case, relative to
this page), `title`, `status`, `detail` for people, `instance` (names the request in the log),
`code` for programs, and `error`, a short title. Some have members of their own, such as `faults`
or `jobStatus`. 429 and 503 say in `Retry-After` when to come again. `/openapi.json` of each service
has an example of every problem of a route.

Codes are stable; sentences may change. Made by `scripts/write_problem_docs.py`.

| status | code | such as | from |
|---|---|---|---|
"""
MOST_ROUTES = 3
"""A problem of more routes than these is told to be of many."""


def described_apps() -> dict[str, FastAPI]:
    """Return both apps with their routes and descriptions, and nothing behind them."""
    upload_api = FastAPI(generate_unique_id_function=operation_id)
    gateway = FastAPI(generate_unique_id_function=operation_id)
    for app in (upload_api, gateway):
        add_health_routes(app, lambda: "")
    for entrypoint in ENTRYPOINTS:
        upload_api.include_router(entrypoint.router)
    for router in (http_tickets.router, http_progress.router):
        gateway.include_router(router)
    upload_description.describe(upload_api)
    gateway_description.describe(gateway)
    return {"upload-api": upload_api, "progress-gateway": gateway}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield app, `METHOD /path` and operation."""
    for name, app in described_apps().items():
        for path, methods in app.openapi()["paths"].items():
            for method, operation in methods.items():
                yield name, f"{method.upper()} {path}", operation


def page() -> str:
    """Return the page's text."""
    routes: dict[tuple[int, str], list[str]] = defaultdict(list)
    details: dict[tuple[int, str], str] = {}
    for _, route, operation in operations():
        for status, response in operation["responses"].items():
            examples = response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            for code, example in examples.items():
                key = (int(status), code)
                routes[key].append(route)
                details.setdefault(key, example["summary"])
    for known in ANYWHERE:
        details[known.status, known.code] = known.detail
    rows = [_row(*key, details[key], routes[key]) for key in sorted(details)]
    return HEAD + "\n".join(rows) + "\n"


def _row(status: int, code: str, detail: str, routes: list[str]) -> str:
    told = ", ".join(f"`{route}`" for route in sorted(set(routes)))
    if not routes:
        told = "any route"
    elif len(set(routes)) > MOST_ROUTES:
        told = f"{len(set(routes))} routes"
    return f"| {status} | `{code}` | {detail.replace('|', '/')} | {told} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
