"""Workbooks are read back by openpyxl, appear whole or not at all, and take constant memory."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from xlsx_writer import (
    MAX_ROWS,
    CellValue,
    SheetFullError,
    SheetLayout,
    StreamingWorkbook,
    Strings,
    UnwritableCellError,
    WorkbookError,
)

BOTH = pytest.mark.parametrize("strings", ["inline", "shared"])

ROWS: list[list[CellValue]] = [
    ["text", "quotes \" ' and & < >", " spaces kept ", "two\nlines", "Nguyễn Thị Ánh 😀"],
    [0, -7, 2**53, 10**15, 1],
    [Decimal("0.01"), Decimal("-123456.789"), 2.5, 1e-7, 1e20],
    [True, False, None, None, "last"],
    [],
    [date(1900, 3, 1), date(2024, 2, 29), datetime(2025, 12, 31, 23, 59, 58), None, None],  # noqa: DTZ001 - a cell has no zone
]


class WriteOnlyStream:
    """A socket's or a pipe's manners: it takes bytes and has no position."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: bytes) -> int:
        self.written += data
        return len(data)


def sheet_of(workbook: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def part_of(workbook: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        return package.read(name).decode()


def written(rows: list[list[CellValue]], strings: Strings = "inline") -> bytes:
    stream = io.BytesIO()
    with StreamingWorkbook(stream, strings=strings) as workbook:
        for row in rows:
            workbook.write_row(row)
    return stream.getvalue()


def as_read(value: CellValue) -> object:
    """What openpyxl makes of a value: floats of decimals, moments of days."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone
    return value


@BOTH
def test_every_type_is_read_back(strings: Strings) -> None:
    read = list(sheet_of(written(ROWS, strings)).values)
    expected = [[as_read(value) for value in row] + [None] * (5 - len(row)) for row in ROWS]
    assert [list(row) for row in read] == expected
    assert [type(value) for row in read for value in row] == [
        type(value) for row in expected for value in row
    ]


@BOTH
def test_days_and_moments_have_their_own_formats(strings: Strings) -> None:
    sheet = sheet_of(written(ROWS, strings))
    formats = [sheet.cell(6, column).number_format for column in (1, 3)]
    assert formats == ["yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd\\ hh:mm:ss"]
    assert sheet.cell(2, 1).number_format == "General"


@BOTH
def test_the_package_is_sound(strings: Strings) -> None:
    workbook = written(ROWS, strings)
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        assert package.testzip() is None
        names = package.namelist()
        for name in names:
            ET.fromstring(package.read(name))  # noqa: S314 - our own XML
    assert names[0] == "[Content_Types].xml"
    types = part_of(workbook, "[Content_Types].xml")
    for name in names:
        assert f'PartName="/{name}"' in types or name.endswith(".rels") or name == names[0]
    assert ("xl/sharedStrings.xml" in names) is (strings == "shared")


@BOTH
def test_a_stream_without_a_position_gets_the_same_rows(strings: Strings) -> None:
    stream = WriteOnlyStream()
    with StreamingWorkbook(stream, strings=strings) as workbook:  # type: ignore[arg-type] # on purpose
        for row in ROWS:
            workbook.write_row(row)
    seekable = written(ROWS, strings)
    assert list(sheet_of(bytes(stream.written)).values) == list(sheet_of(seekable).values)


@BOTH
def test_the_same_rows_give_the_same_bytes(strings: Strings) -> None:
    assert written(ROWS, strings) == written(ROWS, strings)


def test_the_header_is_bold_frozen_and_as_wide_as_asked() -> None:
    stream = io.BytesIO()
    layout = SheetLayout(header=["id", "name"], column_widths=[8, 30.5], freeze_header=True)
    with StreamingWorkbook(stream, sheet_name='R&D "1"', layout=layout) as workbook:
        assert workbook.rows_written == 1
        assert workbook.write_row([1, "a"]) == 2
    sheet = sheet_of(stream.getvalue())
    assert sheet.title == 'R&D "1"'
    assert sheet.freeze_panes == "A2"
    assert [sheet.column_dimensions[name].width for name in "AB"] == [8, 30.5]
    assert [sheet.cell(line, 1).font.b for line in (1, 2)] == [True, False]
    assert list(sheet.values) == [("id", "name"), (1, "a")]


def test_rendered_rows_stand_between_written_ones_in_order() -> None:
    stream = io.BytesIO()
    with StreamingWorkbook(stream) as workbook:
        workbook.write_row(["first"])
        xml = "".join(workbook.render_row(line, [line]) for line in (2, 3))
        assert workbook.write_rendered_rows(xml, 2) == 3
        workbook.write_row(["last"])
    assert list(sheet_of(stream.getvalue()).values) == [("first",), (2,), (3,), ("last",)]


def test_a_refused_row_leaves_the_sheet_as_it_was() -> None:
    stream = io.BytesIO()
    with StreamingWorkbook(stream) as workbook:
        workbook.write_row([1])
        with pytest.raises(UnwritableCellError, match="cell B2"):
            workbook.write_row([2, "x" * 32_768])
        workbook.write_row([3])
    assert list(sheet_of(stream.getvalue()).values) == [(1,), (3,)]


def test_rows_beyond_excels_are_refused() -> None:
    with StreamingWorkbook(io.BytesIO()) as workbook:
        workbook.write_rendered_rows("", MAX_ROWS - 1)
        assert workbook.write_row([1]) == MAX_ROWS
        with pytest.raises(SheetFullError, match="1,048,576 rows"):
            workbook.write_row([2])
        with pytest.raises(SheetFullError, match="split the file"):
            workbook.write_rendered_rows("<row/>", 1)


def test_a_part_beyond_two_gib_is_refused_before_it_is_damaged() -> None:
    """zipfile notices only when the entry is already too long, and then names no remedy."""
    with StreamingWorkbook(io.BytesIO()) as workbook:
        workbook._sheet_bytes = (1 << 31) - (1 << 28) - 100
        with pytest.raises(SheetFullError, match="zip64=True"):
            workbook.write_rendered_rows(" " * 101, 1)
        workbook._sheet_bytes = 0


def test_a_zip64_workbook_is_read_back() -> None:
    stream = io.BytesIO()
    with StreamingWorkbook(stream, zip64=True, strings="shared") as workbook:
        workbook.write_row(["a"])
    assert list(sheet_of(stream.getvalue()).values) == [("a",)]


@BOTH
def test_an_error_leaves_no_file(tmp_path: Path, strings: Strings) -> None:
    target = tmp_path / "out.xlsx"

    def fail_in_the_middle() -> None:
        with StreamingWorkbook(target, strings=strings) as workbook:
            workbook.write_row(["a"])
            assert not target.exists()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail_in_the_middle()
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    target.write_bytes(b"old")
    with StreamingWorkbook(target) as workbook:
        workbook.write_row(["new"])
        assert target.read_bytes() == b"old"
    assert list(sheet_of(target.read_bytes()).values) == [("new",)]
    assert list(tmp_path.iterdir()) == [target]


def test_after_an_error_a_stream_holds_no_readable_workbook() -> None:
    stream = io.BytesIO()
    workbook = StreamingWorkbook(stream)
    workbook.write_row(["a"])
    workbook.abandon()
    workbook.close()
    assert not stream.closed
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(stream.getvalue()))


def test_a_header_that_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnwritableCellError, match="cell A1"):
        StreamingWorkbook(tmp_path / "out.xlsx", layout=SheetLayout(header=["x" * 32_768]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", " ", "x" * 32, "a/b", "a:b", "[a]", "'a", "a\nb"])
def test_a_sheet_name_excel_refuses_is_refused(name: str) -> None:
    with pytest.raises(WorkbookError, match="sheet name"):
        StreamingWorkbook(io.BytesIO(), sheet_name=name)


@pytest.mark.parametrize("widths", [[-1], [256], [1] * 16_385])
def test_widths_excel_refuses_are_refused(widths: list[float]) -> None:
    with pytest.raises(WorkbookError, match="column widths"):
        StreamingWorkbook(io.BytesIO(), layout=SheetLayout(column_widths=widths))


def test_an_inline_workbook_has_no_string_table() -> None:
    with (
        StreamingWorkbook(io.BytesIO()) as workbook,
        pytest.raises(WorkbookError, match='strings="shared"'),
    ):
        _ = workbook.shared_strings


def peak_bytes(path: Path, rows: int, strings: Strings) -> int:
    tracemalloc.start()
    try:
        with StreamingWorkbook(path, strings=strings) as workbook:
            for number in range(rows):
                workbook.write_row([number, f"text {number % 100}", Decimal(number) / 100, True])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@BOTH
def test_ten_times_the_rows_take_the_same_memory(tmp_path: Path, strings: Strings) -> None:
    # 50,000 rows of XML are 9 MB.
    few = peak_bytes(tmp_path / "few.xlsx", 5_000, strings)
    many = peak_bytes(tmp_path / "many.xlsx", 50_000, strings)
    assert many < few + 200_000
