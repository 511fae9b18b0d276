"""A route's refusals as the interface's description tells them: by code, with an example."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby
from typing import Any

from sluice.web.problem_docs import ProblemView
from sluice.web.problems import MEDIA_TYPE, Problem

REQUEST_ID = "0b9bb4c5-6f3c-4b4a-9a54-3c8f1c1e6a10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One way that a route says no."""

    status: int
    code: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)


def refusals(*all_of_them: Refusal) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of a route's refusals, by status."""
    by_status = groupby(sorted(all_of_them, key=lambda r: r.status), key=lambda r: r.status)
    return {status: _answer(status, list(group)) for status, group in by_status}


def _answer(status: int, group: list[Refusal]) -> dict[str, Any]:
    examples = {
        refusal.code: {"summary": refusal.detail, "value": _example(refusal)} for refusal in group
    }
    codes = ", ".join(f"`{code}`" for code in examples)
    return {
        "model": ProblemView,
        "description": f"{HTTPStatus(status).phrase}: {codes}",
        "content": {MEDIA_TYPE: {"examples": examples}},
    }


def _example(refusal: Refusal) -> dict[str, Any]:
    problem = Problem(refusal.status, refusal.code, refusal.detail, **refusal.members)
    return problem.body(REQUEST_ID)
