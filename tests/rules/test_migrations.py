"""The last release's services go on beside the new schema: `_pre_` migrations only add."""

from __future__ import annotations

import re

import pytest
from tests.documents import ROOT

FOLDER = ROOT / "libs" / "common" / "src" / "sluice" / "db" / "migrations"
MIGRATIONS = sorted(FOLDER.glob("*.sql"))
HARMS = re.compile(
    r"\bDROP\s+(?:TABLE|COLUMN|SCHEMA|VIEW)\b|\bRENAME\b|\bALTER\s+COLUMN\s+\w+\s+(?:SET\s+DATA\s+)?TYPE\b"
    r"|\bADD\s+COLUMN\s+(?![^,;]*\b(?:DEFAULT|GENERATED)\b)[^,;]*\bNOT\s+NULL\b",
    re.IGNORECASE,
)  # fmt: skip


def harms_in(sql: str) -> list[str]:
    """Return what a running service of the last release would trip over."""
    without_comments = re.sub(r"--.*", "", sql)
    return [" ".join(found[0].split()) for found in HARMS.finditer(without_comments)]


def test_migrations_are_numbered_and_say_when_they_run() -> None:
    for number, path in enumerate(MIGRATIONS, 1):
        assert re.fullmatch(rf"{number:04}_(pre|post)_[a-z_]+\.sql", path.name)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_before_an_upgrade_only_adds(path: object) -> None:
    name = str(getattr(path, "name", ""))
    if "_pre_" in name:
        assert harms_in((FOLDER / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE jobs DROP COLUMN x;",
        "ALTER TABLE jobs\n  RENAME COLUMN x TO y;",
        "ALTER TABLE jobs ALTER COLUMN x TYPE bigint;",
        "ALTER TABLE jobs ADD COLUMN x text NOT NULL;",
    ],
)
def test_the_rule_sees_what_harms(sql: str) -> None:
    assert harms_in(sql)
    assert not harms_in("ALTER TABLE jobs ADD COLUMN x text NOT NULL DEFAULT '', ADD COLUMN y int;")
