"""`sluice check` and `sluice generate` with text files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.__main__ import run
from sample_data import read_expected

TARGETS = Path(__file__).parents[3] / "targets"


def check(path: Path, *arguments: str) -> int:
    return run(["check", str(path), "--dir", str(TARGETS), *arguments])


def test_every_bad_row_of_a_generated_text_file_is_found_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "o.csv"
    assert run(["generate", "--rows", "3000", "--bad-share", "0.02", str(path)]) == 0
    capsys.readouterr()
    assert check(path, "--target", "orders", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    expected = read_expected(path)
    assert (found["rows"], found["badRows"]) == (3000, expected.bad_rows)
    assert sorted({error["line"] for error in found["errors"]}) == [
        line for line, _ in expected.first_bad_lines
    ]
    assert found["dialect"] == {
        "encoding": "utf-8",
        "encodingIsGuess": False,
        "delimiter": ",",
        "decimal": ".",
    }


def test_the_dialect_is_shown_and_can_be_forced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name;price\nKöln;1,50\n".encode("cp1252"))
    assert check(path) == 0
    shown = capsys.readouterr().out.splitlines()[0]
    assert shown.startswith(
        "windows-1252 text, cells between semicolons, decimal comma (the encoding is a guess), "
        "header in row 1; "
    )
    assert (
        check(path, "--delimiter", "tab", "--encoding", "windows-1250", "--decimal", "point") == 0
    )
    shown = capsys.readouterr().out.splitlines()[0]
    assert shown.startswith("windows-1250 text, cells between tabs, decimal point, ")


@pytest.mark.parametrize(
    ("name", "content", "arguments", "told"),
    [
        ("a.csv", b'a,b\n1,"2\n', [], "QUOTE_UNCLOSED"),
        ("a.csv", b"a,b\n1,2\n", ["--encoding", "klingon"], "klingon"),
        ("a.csv", b"a,b\n1,2\n", ["--sheet", "Data"], "no sheets"),
        ("a.csv", b"", [], "the file is empty"),
        ("a.xlsx", b"a,b\n1,2\n", [], "NOT_XLSX"),
    ],
)
def test_a_text_file_that_cannot_be_read_ends_with_2_and_says_why(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    arguments: list[str],
    told: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert check(path, *arguments) == 2
    assert told in capsys.readouterr().err


def test_options_of_text_files_are_refused_for_a_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "o.xlsx"
    assert run(["generate", "--rows", "3", str(path)]) == 0
    assert check(path, "--delimiter", "comma") == 2
    assert "are of text files" in capsys.readouterr().err
