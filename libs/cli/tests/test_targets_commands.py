import json
from pathlib import Path

import psycopg
import pytest
from openpyxl import load_workbook

from cli.__main__ import run

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
