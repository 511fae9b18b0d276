import json
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import cast

import psycopg
import pytest
from openpyxl import load_workbook

from cli.__main__ import run
from import_targets import load_target
from sluice.db.pool import SESSION_DEFAULTS

GOOD = """
name: parts
table: parts
key: [part_id]
columns:
  - {name: part_id, type: bigint, required: true}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parts.yaml").write_text(GOOD)
    monkeypatch.setenv("SLUICE_TARGETS_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_good_targets_are_checked_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["targets", "check"]) == 0
    assert "parts, records" in capsys.readouterr().out
    assert run(["targets", "list"]) == 0
    assert "sluice.records" in capsys.readouterr().out


def test_all_faults_of_all_files_come_in_one_message(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "one.yaml").write_text("name: one\n")
    (folder / "two.yaml").write_text("- nothing\n")
    assert run(["targets", "check"]) == 2
    told = capsys.readouterr().err
    assert "one.yaml" in told
    assert "two.yaml" in told


@pytest.mark.usefixtures("folder")
def test_tables_are_created_and_creating_them_again_changes_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    assert run(["targets", "create-table", "--all"]) == 0
    assert run(["targets", "create-table", "parts"]) == 0
    with psycopg.connect(empty_database) as conn:
        assert conn.execute("SELECT count(part_id) FROM parts").fetchone() == (0,)


@pytest.mark.usefixtures("folder")
def test_a_table_gets_an_index_for_undos_only_when_asked_also_later(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    found = []
    for more in ([], ["--undo-index"], ["--undo-index"], []):
        assert run(["targets", "create-table", "parts", *more]) == 0
        with psycopg.connect(empty_database) as conn:
            found.append(conn.execute("SELECT to_regclass('parts_sluice_job_idx')").fetchone())
    assert found == [(None,), *[("parts_sluice_job_idx",)] * 3]


@pytest.mark.usefixtures("folder")
def test_the_index_for_undos_takes_its_time_while_others_write(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    assert run(["targets", "create-table", "parts"]) == 0
    # What the commands' connections have unless they say otherwise
    monkeypatch.setitem(cast("dict[str, str]", SESSION_DEFAULTS), "statement_timeout", "100ms")
    with ThreadPoolExecutor(1) as other, psycopg.connect(empty_database) as before:
        before.execute("INSERT INTO parts VALUES (1)")
        made = other.submit(run, ["targets", "create-table", "--undo-index", "parts"])
        with psycopg.connect(empty_database, autocommit=True) as conn:
            conn.execute("SET lock_timeout = '2s'")
            wait_for_index(conn, "parts_sluice_job_idx", made)
            # Longer than a statement may take, and than the commands wait for a lock
            assert not wait([made], timeout=3.5).done
            conn.execute("INSERT INTO parts VALUES (2)")
        before.commit()
        assert made.result(20) == 0
    with psycopg.connect(empty_database) as conn:
        assert index_of(conn) == (True, "brin")


@pytest.mark.usefixtures("folder")
def test_what_a_try_that_failed_left_of_the_index_is_told_and_made_anew(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    command = ["targets", "create-table", "--undo-index", "parts"]
    assert run(command) == 0
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute(
            "UPDATE pg_index SET indisvalid = false "
            "WHERE indexrelid = 'parts_sluice_job_idx'::regclass"
        )
        capsys.readouterr()
        assert run(command) == 0
        assert index_of(conn) == (True, "brin")
    told = "the index parts_sluice_job_idx is what a try that failed has left: it is made anew"
    assert told in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_partitioned_table_gets_the_index_with_all_its_partitions(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute("""
            CREATE TABLE parts (part_id bigint PRIMARY KEY, sluice_job uuid)
                PARTITION BY HASH (part_id);
            CREATE TABLE "Even" PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE odd PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1)""")
        command = ["targets", "create-table", "--undo-index", "parts"]
        with ThreadPoolExecutor(1) as other, psycopg.connect(empty_database) as before:
            before.execute("INSERT INTO parts SELECT generate_series(1, 9)")
            made = other.submit(run, command)
            wait_for_index(conn, "Even_sluice_job_idx", made)
            before.commit()
            assert made.result(20) == 0
        assert run(command) == 0
        assert index_of(conn) == (True, "brin")
        found = conn.execute(
            "SELECT relid::text FROM pg_partition_tree('parts_sluice_job_idx') ORDER BY 1"
        ).fetchall()
    assert found == [('"Even_sluice_job_idx"',), ("odd_sluice_job_idx",), ("parts_sluice_job_idx",)]


def wait_for_index(conn: psycopg.Connection, name: str, made: Future[int]) -> None:
    """Wait until others see it, as they do while it is made beside them."""
    until_s = time.monotonic() + 20
    while index_of(conn, name) is None:
        assert not made.done(), "it was made, or given up, unseen"
        assert time.monotonic() < until_s


def index_of(
    conn: psycopg.Connection, name: str = "parts_sluice_job_idx"
) -> tuple[bool, str] | None:
    """Whether an index is valid, and its kind."""
    return conn.execute(
        "SELECT indisvalid, amname FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
        "JOIN pg_am a ON a.oid = relam WHERE relname = %s",
        [name],
    ).fetchone()


EVERYTHING = """
name: offers
table: offers
key: [shop, code]
columns:
  - {name: shop, type: bigint, required: true, references: parts.part_id}
  - {name: code, type: text, required: true}
  - {name: mark, type: integer, unique: true}
  - {name: price, type: 'numeric(12,2)', required: true}
  - {name: share, type: double}
  - {name: day, type: date}
  - {name: at, type: timestamp}
  - {name: sold, type: boolean}
"""


def test_the_description_of_a_created_table_is_its_target(
    folder: Path,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    (folder / "offers.yaml").write_text(EVERYTHING)
    assert run(["targets", "create-table", "--all"]) == 0
    before = load_target(folder / "offers.yaml")
    assert run(["targets", "init", "offers", "-o", str(folder / "offers.yaml")]) == 2
    (folder / "offers.yaml").unlink()
    capsys.readouterr()
    assert run(["targets", "init", "offers", "-o", str(folder / "offers.yaml")]) == 0
    assert "is written, with 0 notes" in capsys.readouterr().out
    assert load_target(folder / "offers.yaml") == before


def test_a_table_of_others_is_described_and_what_cannot_be_is_told(
    tmp_path: Path,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute("""
            CREATE SCHEMA shop;
            CREATE TYPE shop.state AS ENUM ('new', 'done');
            CREATE DOMAIN shop.percent AS integer CHECK (VALUE BETWEEN 0 AND 100);
            CREATE TABLE shop.people (id bigserial PRIMARY KEY, name varchar(40) NOT NULL UNIQUE,
                state shop.state NOT NULL DEFAULT 'new', age int CHECK (age BETWEEN 1 AND 130),
                kind text CHECK (kind IN ('a', 'b')), rate shop.percent, extra jsonb,
                twice int GENERATED ALWAYS AS (age * 2) STORED,
                born timestamptz DEFAULT now());
            CREATE VIEW people AS SELECT * FROM shop.people""")
    assert run(["targets", "init", "shop.people", "--name", "staff"]) == 0
    text = capsys.readouterr().out
    (tmp_path / "staff.yaml").write_text(text)
    staff = load_target(tmp_path / "staff.yaml")
    assert (staff.name, staff.table, staff.key) == ("staff", "shop.people", ("name",))
    columns = {column.name: column for column in staff.columns}
    assert set(columns) == {"name", "state", "age", "kind", "rate"}
    assert (columns["state"].enum, columns["state"].default) == (("new", "done"), "new")
    assert (columns["age"].minimum, columns["age"].maximum) == ("1", "130")
    assert (columns["kind"].enum, columns["name"].max_length) == (("a", "b"), 40)
    assert columns["rate"].type == "integer"
    for told in ("id: left out", "twice: left out", "extra: left out", "born: left out", "VALUE"):
        assert told in text
    for wrong in ("nowhere", "people", 'shop."People"', "a.b.c"):
        assert run(["targets", "init", wrong]) == 2


@pytest.mark.usefixtures("folder")
def test_a_target_is_shown_with_what_its_columns_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["targets", "show", "parts"]) == 0
    told = capsys.readouterr().out
    assert "part_id  bigint  Required. A whole number between -9,223," in told
    assert "mode               insert" in told
    assert run(["targets", "show", "parts", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["key"], len(shown["version"])) == (["part_id"], 12)
    assert run(["targets", "show", "records"]) == 0
    assert "any headers" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_template_is_written_but_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["targets", "template", "parts"]) == 0
    assert load_workbook("parts-template.xlsx").worksheets[0]["A1"].value == "part_id"
    assert run(["targets", "template", "parts"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["targets", "template", "parts", "-o", "other.xlsx"]) == 0
    assert run(["targets", "template", "records"]) == 2
    assert "any headers" in capsys.readouterr().err


def test_tables_are_created_behind_those_that_they_reference(
    folder: Path,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    columns = "{name: part, type: bigint, references: parts.part_id}"
    (folder / "offers.yaml").write_text(f"{{name: offers, table: offers, columns: [{columns}]}}")
    assert run(["targets", "create-table", "offers"]) == 2
    told = capsys.readouterr().err
    assert told.endswith('offers: relation "parts" does not exist; create that table first\n')
    assert run(["targets", "create-table", "--all"]) == 0


@pytest.mark.usefixtures("folder")
def test_targets_are_checked_against_their_tables(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    assert run(["targets", "check", "--database"]) == 2
    assert "`sluice targets create-table parts`" in capsys.readouterr().err
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute("CREATE TABLE parts (part_id bigint NOT NULL)")
        assert run(["targets", "check", "--database"]) == 2
        told = capsys.readouterr().err
        assert "parts: the key (part_id) is not unique in the table" in told
        assert "parts: the table has no columns of lineage" in told
        conn.execute("DROP TABLE parts")
    assert run(["targets", "create-table", "parts"]) == 0
    assert run(["targets", "check", "--database"]) == 0


@pytest.mark.usefixtures("folder")
def test_lineage_is_added_to_a_table_that_is_there(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", empty_database)
    assert run(["targets", "add-lineage", "parts"]) == 2
    assert 'relation "parts" does not exist' in capsys.readouterr().err
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute("CREATE TABLE parts (part_id bigint)")
        assert run(["targets", "add-lineage", "parts"]) == 0
        conn.execute("SELECT sluice_job, sluice_line, sluice_replaced FROM parts")
    assert run(["targets", "add-lineage", "records"]) == 2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", [["nowhere"], ["records"], [], ["parts", "--all"]])
def test_a_table_that_cannot_be_created_is_told(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["targets", "create-table", *arguments]) == 2
    assert capsys.readouterr().err.startswith("Error: ")
