"""A route that a document names is one of the two HTTP services."""

from __future__ import annotations

import re

import pytest
from scripts.write_problem_docs import described_apps
from tests.documents import ROOT, all_blocks, code_in_lines, documents, name_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTES = {
    f"{method.upper()} {path}"
    for app in described_apps().values()
    for path, methods in app.openapi()["paths"].items()
    for method in methods
}
_CALL = re.compile(rf"^({'|'.join(METHODS)}) (/api/[^\s?…]+)$")
_ADDRESS = re.compile(r'"\$URL(/api/[^"?]+)[^"]*"')


def is_route(asked: str) -> bool:
    """Tell whether there is such a route; a parameter may be any part of a path."""
    method, _, path = asked.partition(" ")
    plain = re.sub(r"\{[^}]*\}|\$\w+", "x", path)
    for route in ROUTES:
        known, _, pattern = route.partition(" ")
        if known == method and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), plain):
            return True
    return False


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_a_document_names_routes_that_exist(path: object) -> None:
    text = (ROOT / name_of(path)).read_text("utf-8")  # type: ignore[arg-type]  # a Path
    asked = [
        f"{found[1]} {found[2]}" for code in code_in_lines(text) if (found := _CALL.match(code))
    ]
    assert [call for call in asked if not is_route(call)] == []


def test_addresses_of_commands_are_routes() -> None:
    found = [each for block in all_blocks() for each in _ADDRESS.findall(block.commands)]
    assert len(found) > 5
    assert [path for path in found if not any(is_route(f"{m} {path}") for m in METHODS)] == []


def test_the_rule_sees_a_route_that_is_not_there() -> None:
    assert is_route("GET /api/jobs/{id}")
    assert not is_route("GET /api/job/{id}")
