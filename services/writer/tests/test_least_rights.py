"""Each service under a role of its own, with what `deploy/postgres/roles.sql` grants."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from services.writer.tests.undo_world import counts, stayed, undo
from services.writer.tests.writer_world import Hand, World, chunk_of, chunks_of

from devstack.databases import PostgresServer
from sluice.db.migrate import migrate
from writer.adapters.postgres_undo import next_line

ROLES = Path(__file__).parents[3] / "deploy" / "postgres" / "roles.sql"


def as_role(url: str, role: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:secret@{host}"))


@pytest.fixture
def owned(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of an owner who is no superuser, and who has applied the roles."""
    owner = f"owner_{secrets.token_hex(4)}"
    with (
        postgres_server.database() as url,
        psycopg.connect(url, autocommit=True) as admin,
    ):
        name = sql.Identifier(owner)
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD 'secret'").format(name))
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, name))
        migrate(as_role(url, owner))
        with psycopg.connect(as_role(url, owner)) as conn:
            conn.execute(ROLES.read_bytes())
            for role in ("sluice_writer", "sluice_upload_api"):
                conn.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD 'secret'").format(sql.Identifier(role))
                )
        yield url
        admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(name))
        admin.execute(sql.SQL("DROP OWNED BY {}").format(name))
        admin.execute(sql.SQL("DROP ROLE {}").format(name))


@pytest.mark.slow
def test_a_writer_that_stands_still_is_ended_by_other_services_and_nobody_else_is(
    owned: str,
) -> None:
    ending = "SELECT sluice.end_stopped_sessions()"
    with (
        psycopg.connect(as_role(owned, "sluice_writer")) as stopped,
        psycopg.connect(owned) as somebody,
        psycopg.connect(as_role(owned, "sluice_upload_api"), autocommit=True) as api,
    ):
        somebody.execute("SELECT 1")
        stopped.execute("SELECT 1")
        assert api.execute(ending).fetchall() == [], "it may be at work"
        time.sleep(5.5)
        assert api.execute(ending).fetchall() == [(stopped.info.backend_pid,)]
        with pytest.raises(psycopg.OperationalError):
            stopped.execute("SELECT 1")
        somebody.execute("SELECT 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute("SELECT pg_terminate_backend(%s)", [somebody.info.backend_pid])


ROLE = {"role": "sluice_writer", "search_path": "sluice,public"}


def test_duplicates_and_undos_go_with_the_granted_rights(
    world: World, hand: Callable[..., Hand]
) -> None:
    for change in (
        "CREATE TABLE kinds (kind integer PRIMARY KEY)",
        "INSERT INTO kinds VALUES (1)",
        "ALTER TABLE items ADD FOREIGN KEY (amount) REFERENCES kinds, ADD serial_no serial",
        "CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items)",
        ROLES.read_text(),
        "SELECT sluice.grant_target('items')",
    ):
        world.conn.execute(change.encode())
    job, writer = world.new_job(), hand(**ROLE)
    writer.write(*chunks_of(job, [("1", "a", "1"), ("2", "a", "1")], 4))
    writer.write(
        chunk_of(job, 1, [10, 11, 12], [("3", "a", "1"), ("1", "a", "1"), ("4", "a", "9")])
    )
    assert world.sums(job) == (2, 5, 3, 0, 0, 2)
    world.conn.execute("INSERT INTO parts VALUES (2)")
    undo(world, job, 10, **ROLE)
    assert counts(world, job) == ("done", 3, 2, 0, 1)
    assert [row[:2] for row in stayed(world, job)] == [(3, "refused")]


def test_refused_rows_are_found_with_the_granted_rights(
    world: World, hand: Callable[..., Hand]
) -> None:
    for change in (
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
           AS $$ BEGIN ASSERT NEW.amount < 9; RETURN NEW; END $$""",
        "CREATE TRIGGER t BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION refuse()",
        ROLES.read_text(),
        "SELECT sluice.grant_target('items')",
    ):
        world.conn.execute(change.encode())
    job = world.new_job()
    hand(**ROLE).write(*chunks_of(job, [("1", "a", "1"), ("2", "a", "9")], 4))
    assert world.sums(job) == (1, 2, 1, 0, 0, 1)


class Explaining(psycopg.Connection[Any]):
    """Notes the plan of each query."""

    plan = ""

    def execute(self, query: Any, params: Any = None, **more: Any) -> psycopg.Cursor[Any]:
        if query.lstrip().startswith(("--", "SELECT")):
            rows = super().execute("EXPLAIN " + query, params).fetchall()
            self.plan += "\n".join(row[0] for row in rows)
        return super().execute(query, params, **more)


def test_the_next_batch_of_an_undo_is_found_without_statistics_or_sorting(world: World) -> None:
    job = uuid4()
    world.conn.execute("ALTER TABLE sluice.undo_rows SET (autovacuum_enabled = false)")
    world.conn.execute(
        "INSERT INTO sluice.undo_rows (job_id, sheet_line, row_table, row_tid)"
        " SELECT %s, k, 1, '(0,1)' FROM generate_series(1, 50000) AS k",
        [job],
    )
    with Explaining.connect(world.url, autocommit=True) as conn:
        assert next_line(conn, job, 50_001, 10_000) == 40_001
        assert "Index" in conn.plan
        assert "Sort" not in conn.plan
