"""Every fact has one publisher and at least one reader: in the code, or named in its docstring."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from sluice.events import PUBLIC_FACTS, RESULT_FACTS, Fact

ROOT = Path(__file__).parents[2]
SOURCES = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("services/*/src/**/*.py")}
SHARED = ROOT / "libs/common/src/sluice/kafka/waiting_notices.py"
READ_OUTSIDE = "services outside"
STATED_BY_SEVERAL = "Several services state"


def _service_of(path: Path) -> str:
    return path.relative_to(ROOT / "services").parts[0]


@cache
def _constructions() -> dict[str, set[str]]:
    """Return, by class name, the services that make one."""
    made: dict[str, set[str]] = defaultdict(set)
    for path, text in SOURCES.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made[node.func.id].add(_service_of(path))
    return made


def _mentions(name: str, folder: str) -> bool:
    return any(name in text for path, text in SOURCES.items() if folder in str(path))


@pytest.mark.parametrize("kind", PUBLIC_FACTS, ids=lambda kind: kind.__name__)
def test_an_event_is_stated_by_some_service(kind: type[Fact]) -> None:
    services = _constructions()[kind.__name__]
    # The settler states again, from its row, a fact that was lost on the way.
    owners = services - {"progress-gateway"} or services
    if STATED_BY_SEVERAL in str(import_module(kind.__module__).__doc__):
        assert f"{kind.__name__}(" in SHARED.read_text(encoding="utf-8")
        assert len(_constructions()["WaitingNotices"]) > 1
    else:
        assert len(owners) == 1, f"{kind.__name__} is made by {sorted(services)}"


@pytest.mark.parametrize("kind", RESULT_FACTS.values(), ids=lambda kind: kind.__name__)
def test_a_fact_of_the_job_s_log_is_folded(kind: type[Fact]) -> None:
    assert _mentions(kind.__name__, "progress_gateway/domain")


@pytest.mark.parametrize("kind", PUBLIC_FACTS, ids=lambda kind: kind.__name__)
def test_an_event_has_a_reader(kind: type[Fact]) -> None:
    read_here = kind in RESULT_FACTS.values() or _mentions("JOB_FACTS", "parser/entrypoints")
    module = import_module(kind.__module__)
    said = f"{module.__doc__} {kind.__doc__}"
    assert (kind.TOPIC != "imports.job-events" and read_here) or READ_OUTSIDE in said


def test_rows_chunked_goes_from_the_parser_to_the_writer() -> None:
    assert _mentions("publish_rows_chunked", "services/parser")
    assert _mentions("rows_chunked", "services/writer")
    assert not _mentions("publish_rows_chunked", "services/writer")
