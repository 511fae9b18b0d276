import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli.__main__ import run
from sample_data import read_expected


def test_orders_are_written_with_what_to_expect_beside_them(tmp_path: Path) -> None:
    out = tmp_path / "o.xlsx"
    assert run(["generate", "--rows", "50", "--bad-share", "0.2", str(out)]) == 0
    expected = read_expected(out)
    assert (expected.rows, expected.target) == (50, "orders")
    assert expected.bad_rows > 0
    book = load_workbook(out, read_only=True)
    assert len(list(book.worksheets[0].rows)) == 51
    book.close()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two, other = (tmp_path / f"{n}.xlsx" for n in range(3))
    for path, seed in ((one, "7"), (two, "7"), (other, "8")):
        assert run(["generate", "--rows", "9", "--seed", seed, str(path)]) == 0
    assert one.read_bytes() == two.read_bytes() != other.read_bytes()


def test_records_come_with_their_figures_too(tmp_path: Path) -> None:
    out = tmp_path / "r.xlsx"
    command = ["generate", "--rows", "5", "--target", "records", "--strings", "shared", str(out)]
    assert run(command) == 0
    figures = json.loads((tmp_path / "r.xlsx.expected.json").read_text())
    assert (figures["target"], figures["rows"], figures["columns"]) == ("records", 5, 10)


@pytest.mark.parametrize(
    "arguments",
    [["--rows", "9999999"], ["--rows", "1", "--target", "records", "--bad-share", "0.1"]],
)
def test_what_cannot_be_generated_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(["generate", *arguments, str(tmp_path / "x.xlsx")]) == 2
    assert capsys.readouterr().err.startswith("Error: ")


@pytest.mark.parametrize(
    "command", [["generate", "--rows", "1"], ["targets", "template", "orders", "-o"]]
)
def test_a_workbook_is_not_written_under_a_name_of_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert run([*command, str(tmp_path / "o.txt")]) == 2
    assert "must end in .xlsx" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
