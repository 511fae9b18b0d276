import json
from uuid import uuid4

import psycopg
import pytest

from cli.__main__ import run
from sluice.audit.records import Actor, Caller, put_audit
from sluice.audit.seals import seal_waiting


@pytest.fixture
def sealed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with three sealed rows, which the command is told of."""
    monkeypatch.setenv("SLUICE_DATABASE_URL", database_url)
    actor = Actor(user_id=uuid4(), caller=Caller(ip="10.0.0.1", user_agent="pytest"))
    with psycopg.connect(database_url, autocommit=True) as conn:
        for _ in range(3):
            put_audit(conn, "job_accessed", actor, uuid4(), {})
        seal_waiting(conn)
    return database_url


def test_an_audit_that_nobody_touched_is_whole(
    sealed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealed
    assert run(["audit", "verify"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 rows under 1 seals, 0 not sealed yet; 0 faults\nhead 1:")
    head = told.split("head ")[1].strip()
    assert run(["audit", "verify", "--head", head]) == 0
    assert run(["audit", "verify", "--head", head[:-1] + "x"]) == 1


def test_one_changed_row_is_found_and_named(
    sealed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(sealed, autocommit=True) as conn:
        conn.execute("ALTER TABLE sluice.audit_log DISABLE TRIGGER only_grows")
        conn.execute("UPDATE sluice.audit_log SET ip = '10.0.0.2' WHERE audit_id = 2")
    assert run(["audit", "verify"]) == 1
    assert "ROW_CHANGED: row 2 of seal 1 is not what it was" in capsys.readouterr().out
    assert run(["audit", "verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["faults"][0]["code"] == "ROW_CHANGED"
