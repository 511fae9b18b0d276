import json
from pathlib import Path

import pytest

from cli.__main__ import run
from sample_data import read_expected

TARGETS = Path(__file__).parents[3] / "targets"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "o.xlsx"
    assert run(["generate", "--rows", "3000", "--bad-share", "0.02", str(path)]) == 0
    return path


def check(path: Path, *arguments: str) -> int:
    return run(["check", str(path), "--dir", str(TARGETS), *arguments])


def test_every_bad_row_of_a_generated_workbook_is_found_and_no_other(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert check(orders, "--target", "orders", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    expected = read_expected(orders)
    assert (found["rows"], found["badRows"]) == (3000, expected.bad_rows)
    assert sorted({error["line"] for error in found["errors"]}) == [
        line for line, _ in expected.first_bad_lines
    ]
    assert (found["sheet"], found["headerLine"], len(found["columns"])) == ("orders", 1, 10)
    assert found["refusal"] is None


def test_errors_are_told_with_row_and_column_up_to_the_number_asked_for(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert check(orders, "--target", "orders", "--max-errors", "2") == 1
    lines = capsys.readouterr().out.splitlines()
    first = read_expected(orders).first_bad_lines[0][0]
    assert lines[1].startswith(f"Row {first}, column ")
    assert sum(line.startswith("Row ") for line in lines) == 2
    assert lines[-1].startswith("only the first 2 of ")


def test_any_sheet_is_good_for_records(orders: Path) -> None:
    assert check(orders) == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_an_unreadable_file_ends_with_2_and_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    path = tmp_path / "text.xlsx"
    path.write_text("order_id,quantity\n")
    assert check(path, *(["--json"] if as_json else [])) == 2
    shown = capsys.readouterr()
    if as_json:
        assert json.loads(shown.out)["refusal"]["code"] == "NOT_XLSX"
    else:
        assert shown.err.startswith("Error: NOT_XLSX")


def test_a_fault_of_the_whole_file_names_no_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text('{"a": 1}\n')
    assert check(path) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Error: NOT_TEXT")
    assert "()" not in shown


def test_a_header_that_does_not_fit_names_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.xlsx"
    assert run(["generate", "--rows", "3", "--target", "records", str(path)]) == 0
    assert check(path, "--target", "orders") == 2
    assert "order_id" in capsys.readouterr().err


def test_an_unknown_sheet_or_target_is_told(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(orders, "--sheet", "Nowhere") == 2
    assert "SHEET_UNKNOWN" in capsys.readouterr().err
    assert check(orders, "--target", "nowhere") == 2
    assert "orders, records" in capsys.readouterr().err
