"""The HTTP interfaces describe themselves: names, examples, every problem."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from scripts.write_problem_docs import PAGE, described_apps, operations, page

from sluice.web.problem_docs import ProblemView
from sluice.web.problems import MEDIA_TYPE

ROOT = Path(__file__).parents[2]
OPERATIONS = {f"{app} {route}": (app, operation) for app, route, operation in operations()}
SCHEMAS = {name: app.openapi()["components"] for name, app in described_apps().items()}
SOURCES = [
    *ROOT.glob("services/*/src/*/entrypoints/*.py"), *ROOT.glob("libs/common/src/sluice/web/*.py"),
    *ROOT.glob("services/*/src/*/domain/upload_form.py"),
]  # fmt: skip
MAKERS = {"Problem": 1, "unauthorized": 0, "too_many": 0, "FieldRefused": 0, "known": 1}
"""Calls that make a problem, and which argument is its code."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_a_name_a_sentence_and_a_tag(name: str) -> None:
    _, operation = OPERATIONS[name]
    assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
    assert operation.get("description"), "give its function a docstring"
    assert len(operation["summary"]) > 5
    assert operation["tags"]


def test_an_operation_s_name_is_its_own() -> None:
    ids = [(app, operation["operationId"]) for app, operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_shows_what_it_answers_when_all_is_well(name: str) -> None:
    app, operation = OPERATIONS[name]
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if not status.startswith("2") or "spreadsheetml" in media_type:
                continue
            assert "example" in content, f"add one to openapi_examples.json of {app}"
            schema = content.get("schema", {})
            validator = jsonschema.Draft202012Validator(schema | {"components": SCHEMAS[app]})
            faults = [e.message for e in validator.iter_errors(content["example"])]
            assert faults == [], f"correct openapi_examples.json of {app}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_shows_its_problems(name: str) -> None:
    app, operation = OPERATIONS[name]
    view = ProblemView.model_json_schema()
    for status, response in operation["responses"].items():
        if int(status) < 400:
            continue
        examples = response["content"][MEDIA_TYPE]["examples"]
        assert examples, f"{status}: add it to KNOWN_PROBLEMS of {app}'s api_description.py"
        for code, example in examples.items():
            problem: dict[str, Any] = example["value"]
            jsonschema.validate(problem, view)
            assert (problem["code"], problem["status"]) == (code, int(status))
            assert problem["type"] == code.lower().replace("_", "-")


def test_the_page_is_what_the_apps_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python scripts/write_problem_docs.py`"


def codes_made(source: str) -> set[str]:
    """Return the codes of the problems that a module makes."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = MAKERS.get(node.func.id)
        named = [word.value for word in node.keywords if word.arg == "code"]
        given = node.args[place : place + 1] if place is not None else []
        for value in (*given, *(named if node.func.id in {"Refusal", *MAKERS} else [])):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.add(value.value)
    return found


def test_every_problem_in_the_code_is_on_the_page() -> None:
    made = set().union(*(codes_made(path.read_text("utf-8")) for path in SOURCES))
    assert len(made) > 50
    told = set(re.findall(r"\| `([A-Z_]+)` \|", PAGE.read_text("utf-8")))
    assert made - told == set(), "document it where it is answered, and write the page anew"


def test_the_rule_sees_a_planted_problem() -> None:
    assert codes_made('raise Problem(418, "TEAPOT", "x")\nRefusal(code="B_C")') == {"TEAPOT", "B_C"}
