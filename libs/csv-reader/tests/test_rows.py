"""Rows as they are numbered and filled, and every refusal with its place."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csv_reader import CsvError, CsvFile, Dialect, Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMAS = Dialect(encoding="utf-8", delimiter=",")


@pytest.mark.parametrize("block_bytes", [1, 3, 7, 1000])
def test_rows_are_numbered_as_a_spreadsheet_shows_them(
    rows_of: Callable[..., object], block_bytes: int
) -> None:
    content = b'sep=,\r\na,b\r\n"x\r\ny",2\n\n,,\r3,4\r\n,5\n6'
    assert rows_of(content, block_bytes) == [
        (1, ["a", "b"]),
        (2, ["x\r\ny", "2"]),
        (5, ["3", "4"]),
        (6, [None, "5"]),
        (7, ["6"]),
    ]


def test_unequal_rows_are_filled_up_and_their_further_cells_are_kept(
    rows_of: Callable[..., object],
) -> None:
    assert rows_of(b"a,b\n1\n1,2,3\n") == [(1, ["a", "b"]), (2, ["1"]), (3, ["1", "2", "3"])]


@pytest.mark.parametrize(
    ("content", "cell"),
    [
        (b'"a ""quote"""', 'a "quote"'),
        (b'5" pipe', '5" pipe'),
        (b' "a"', ' "a"'),
        (b"  a ", "  a "),
        (b"00012", "00012"),
        (b"a\0b", "a\0b"),
        ("a\u2028b\x0bc\x85".encode(), "a\u2028b\x0bc\x85"),
        ("\ufeffa".encode(), "\ufeffa"),
        (b"=1+1", "=1+1"),
        (b"a\\", "a\\"),
    ],
)
def test_a_cell_is_read_as_it_is_written(
    rows_of: Callable[..., object], content: bytes, cell: str
) -> None:
    assert rows_of(b"head\n" + content + b"\n") == [(1, ["head"]), (2, [cell])]


LONG = 1_100_000
FAULTS = [
    (b'a,b\n1,"x\n2,y\n', "QUOTE_UNCLOSED", "row 2, column B"),
    (b'a,b\n"1\n",2\n3,"x', "QUOTE_UNCLOSED", "row 3, line 4 of the file, column B"),
    (b'a,b\n1,"x\n2,"y"\n', "QUOTE_INVALID", "row 2, line 3 of the file, column B"),
    (b'a,b\n1,"he said "hi"",3\n', "QUOTE_INVALID", "row 2, column B"),
    (b'sep=,\na,b\n1,"x"y\n', "QUOTE_INVALID", "row 2, line 3 of the file, column B"),
    (
        b"sep=,\na,b\n" + b"1,2\n" * 20 + b'1,"x"y',
        "QUOTE_INVALID",
        "row 22, line 23 of the file, column B",
    ),
    (b'a,b\n1,"' + b"x" * LONG, "QUOTE_UNCLOSED", "row 2, column B"),
    (b'a,b\n1,"x\n' + b"2,y\n" * 400_000, "QUOTE_UNCLOSED", "row 2, column B"),
    (b"a,b\n1," + b"x" * LONG, "ROW_TOO_LONG", "row 2, column B"),
    (b"a,b\n1,\xe9\n", "ENCODING_INVALID", "row 2, column B, byte 6"),
    (b'a,b\n"\n",1\n2,x\xff\n', "ENCODING_INVALID", "row 3, line 4 of the file, column B, byte 13"),
    (b"a,b\n1,2\n3,\xc3", "ENCODING_INVALID", "row 3, column B, byte 10"),
    (b"a,b\n" + b"," * 600 + b"x\n", "TOO_MANY_COLUMNS", "row 2"),
]


@pytest.mark.parametrize("block_bytes", [5, 4096])
@pytest.mark.parametrize(("content", "code", "place"), FAULTS)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    rows_of: Callable[..., object], content: bytes, code: str, place: str, block_bytes: int
) -> None:
    if len(content) > LONG:
        block_bytes = 65_536
    with pytest.raises(CsvError) as caught:
        rows_of(content, block_bytes)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_a_row_without_end_is_refused_though_each_of_its_cells_is_short(
    rows_of: Callable[..., object],
) -> None:
    # Read to its end it would be a row of far too many cells
    content = b'a,b\n"' + b'text\n","' * 200_000 + b'"\n'
    with pytest.raises(CsvError, match="QUOTE_UNCLOSED"):
        rows_of(content, 65_536)


def test_a_half_character_of_utf_16_is_refused(rows_of: Callable[..., object]) -> None:
    content = "a,b\n1,2".encode("utf-16-le") + b"x"
    with pytest.raises(CsvError, match=r"ENCODING_INVALID.*row 2, column B, byte 14"):
        rows_of(content, encoding="utf-16-le")


def test_a_wide_row_of_empty_cells_is_only_blank(rows_of: Callable[..., object]) -> None:
    assert rows_of(b"a,b\n" + b"," * 600 + b"\n1,2\n") == [(1, ["a", "b"]), (3, ["1", "2"])]


def test_more_rows_than_can_be_numbered_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n" * 11)
    with (
        CsvFile(path, COMMAS, limits=Limits(max_rows=10)) as file,
        pytest.raises(CsvError, match=r"TOO_MANY_ROWS.*row 11"),
    ):
        list(file.runs())


def test_rows_before_a_fault_are_given_and_the_offsets_end_at_the_files_size(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    content = b"12345,abcdef\n" * 5000
    path.write_bytes(content)
    with CsvFile(path, COMMAS, block_bytes=4096) as file:
        assert [run.end_offset for run in file.runs()][-1] == len(content)
    path.write_bytes(content + b'1,"x"y\n')
    rows: list[int] = []
    with CsvFile(path, COMMAS, block_bytes=4096) as file, pytest.raises(CsvError):
        rows.extend(line for run in file.runs() for line in run.lines)
    assert rows[-1] > 4000


READ_AND_MEASURE = """
import resource, sys
from csv_reader import CsvError, CsvFile, Dialect
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows, code = 0, ""
with CsvFile(sys.argv[1], Dialect(encoding="utf-8", delimiter=",")) as file:
    try:
        for run in file.runs():
            rows += len(run.lines)
    except CsvError as error:
        code = error.code
print(rows, code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_file_nor_with_an_open_quote(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = b"1234567,some text,more text\n"
    path.write_bytes(row * 1_000_000 + b'1,"open\n' + row * 1_000_000)
    command = [sys.executable, "-c", READ_AND_MEASURE, str(path)]
    rows, code, growth_kib = subprocess.check_output(command, text=True).split()
    assert (int(rows) > 900_000, code) == (True, "QUOTE_UNCLOSED")
    assert int(growth_kib) < 32 * 1024
