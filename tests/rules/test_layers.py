"""What we decide stays pure: no `domain/` reaches for I/O, a clock, the environment or a log."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "aiokafka", "asyncio", "confluent_kafka", "fastapi", "faust", "httpx", "io", "logging", "mode",
    "multiprocessing", "openpyxl", "os", "pathlib", "prometheus_client", "psycopg", "psycopg_pool",
    "random", "redis", "requests", "socket", "sqlite3", "starlette", "structlog", "subprocess",
    "tempfile", "threading", "time", "uvicorn", "sluice.db", "sluice.kafka.producer",
    "sluice.kafka.loop", "sluice.clock", "sluice.storage", "sluice.logging",
}  # fmt: skip
SHELL = ("adapters", "entrypoints", "bootstrap")
DOMAIN_FILES = sorted(ROOT.glob("services/*/src/*/domain/*.py"))


def imported_modules(source: str) -> set[str]:
    """Return the dotted names a module imports when it runs; type-checking imports are free."""
    names: set[str] = set()
    for node in _running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _running_nodes(tree: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        found += [child, *_running_nodes(child)]
    return found


def impurities(source: str) -> set[str]:
    """Return what a domain module may not import, but does."""
    return {
        name
        for name in imported_modules(source)
        if any(name == bad or name.startswith(f"{bad}.") for bad in FORBIDDEN)
        or any(part in SHELL for part in name.split("."))
    }


def test_there_are_domain_modules_in_every_service() -> None:
    services = {path.parts[-3] for path in DOMAIN_FILES}
    assert services == {"upload_api", "parser", "writer", "progress_gateway"}


@pytest.mark.parametrize("path", DOMAIN_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_domain_module_is_pure(path: Path) -> None:
    assert impurities(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    ["import time", "from os import path", "from parser.adapters.postgres_parses import X",
     "def f():\n    import redis.asyncio", "from sluice import clock"],
)  # fmt: skip
def test_the_rule_sees_a_planted_import(source: str) -> None:
    assert impurities(source)
