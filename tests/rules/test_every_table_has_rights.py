"""A table that no role may use fails a locked-down deployment long after its migration."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "libs" / "common" / "src" / "sluice" / "db" / "migrations"
ROLES = ROOT / "deploy" / "postgres" / "roles.sql"


def test_every_table_of_the_schema_is_granted_to_a_role() -> None:
    texts = [path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))]
    made = {name for text in texts for name in re.findall(r"CREATE TABLE (sluice\.\w+)", text)}
    granted = set(re.findall(r"sluice\.\w+", ROLES.read_text()))
    assert len(made) > 20
    assert made - granted == set(), "name them in deploy/postgres/roles.sql"
