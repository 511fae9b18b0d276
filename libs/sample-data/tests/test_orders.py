"""Order workbooks hold what the pure functions say, and the figures are those of their rows."""

import subprocess
import sys
import zipfile
from dataclasses import astuple
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import openpyxl
import pytest

from sample_data import (
    MAX_DATA_ROWS,
    ORDER_COLUMNS,
    Expected,
    bad_kind,
    bad_lines,
    expected_path,
    generate_orders,
    iter_orders,
    order,
    read_expected,
)
from sample_data.bad_orders import spoiled_row
from sample_data.order_draws import draw_orders
from sample_data.order_texts import order_texts
from xlsx_writer import SheetLayout, StreamingWorkbook, Strings, escape_text

BOTH = pytest.mark.parametrize("strings", ["inline", "shared"])
SEED = 7
# Ends in the middle of a third block of 1,024.
ROWS = 2_500
SHARE = 0.2
Row = tuple[object, ...]


def rows_of(path: Path) -> list[Row]:
    # Not read-only: that mode gives shorter rows where the last cells are empty.
    return list(openpyxl.load_workbook(path)["orders"].values)


def as_read(values: tuple[object, ...] | list[object]) -> Row:
    """What openpyxl makes of a row: floats of decimals, moments of days."""
    read: list[object] = []
    for value in values:
        if isinstance(value, Decimal):
            read.append(float(value))
        elif isinstance(value, date):
            read.append(datetime(value.year, value.month, value.day))  # noqa: DTZ001 - no zone
        else:
            read.append(value)
    return tuple(read)


def row_by_the_functions(k: int) -> Row:
    kind = bad_kind(SEED, k, SHARE)
    good = order(SEED, k)
    cells = list(astuple(good))
    if kind is not None:
        cells[ORDER_COLUMNS.index(kind.column)] = kind.spoil(good)
    return as_read(cells)


def sheet_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read("xl/worksheets/sheet1.xml")


@BOTH
def test_every_cell_is_what_the_pure_functions_say(tmp_path: Path, strings: Strings) -> None:
    generate_orders(tmp_path / "o.xlsx", ROWS, bad_share=SHARE, seed=SEED, strings=strings)
    header, *rows = rows_of(tmp_path / "o.xlsx")
    assert header == ORDER_COLUMNS
    assert len(rows) == ROWS
    for k, row in enumerate(rows):
        assert row == row_by_the_functions(k)


def test_spelled_out_rows_are_the_writers_own(tmp_path: Path) -> None:
    generate_orders(tmp_path / "fast.xlsx", ROWS, bad_share=SHARE, seed=SEED)
    widths = (12, 24, 40, 14, 10, 12, 10, 12, 9, 44)
    layout = SheetLayout(header=ORDER_COLUMNS, column_widths=widths, freeze_header=True)
    bad = dict(bad_lines(SEED, ROWS, SHARE))
    with StreamingWorkbook(tmp_path / "slow.xlsx", layout=layout) as workbook:
        for draw, good in zip(islice(draw_orders(SEED), ROWS), iter_orders(SEED), strict=False):
            line = workbook.rows_written + 1
            workbook.write_row(spoiled_row(draw) if line in bad else astuple(good))
    assert sheet_xml(tmp_path / "fast.xlsx") == sheet_xml(tmp_path / "slow.xlsx")


def test_the_string_table_counts_its_cells_and_its_items(tmp_path: Path) -> None:
    generate_orders(tmp_path / "o.xlsx", ROWS, bad_share=SHARE, seed=SEED, strings="shared")
    cells = sheet_xml(tmp_path / "o.xlsx").count(b' t="s"')
    with zipfile.ZipFile(tmp_path / "o.xlsx") as package:
        table = package.read("xl/sharedStrings.xml")
    items = table.count(b"<si>")
    assert items < cells
    assert f'count="{cells}" uniqueCount="{items}"'.encode() in table


def test_only_notes_need_escaping() -> None:
    texts = order_texts()
    for text in (*(text for person in texts.people for text in person), *texts.skus):
        assert escape_text(text) == text
        assert text == text.strip()
    assert any(escape_text(note) != note for note in texts.notes)
    assert all(note == note.strip() for note in texts.notes)


def test_no_two_mailboxes_are_the_same() -> None:
    assert len({each.email for each in islice(iter_orders(SEED), 20_000)}) == 20_000


@BOTH
def test_the_figures_are_those_of_the_rows(tmp_path: Path, strings: Strings) -> None:
    expected = generate_orders(
        tmp_path / "o.xlsx", ROWS, bad_share=SHARE, seed=SEED, strings=strings
    )
    rows = rows_of(tmp_path / "o.xlsx")[1:]
    bad = {line: kind.name for line, kind in bad_lines(SEED, ROWS, SHARE)}
    good = [row for line, row in enumerate(rows, start=2) if line not in bad]
    days = [row[7].date() for row in good if isinstance(row[7], datetime)]
    kinds = list(bad.values())
    assert expected == Expected(
        target="orders",
        seed=SEED,
        rows=ROWS,
        good_rows=len(good),
        bad_rows=len(bad),
        bad_by_kind={name: kinds.count(name) for name in sorted(set(kinds))},
        first_bad_lines=tuple(bad.items()),
        sum_quantity=sum(int(str(row[4])) for row in good),
        sum_unit_price=sum((Decimal(str(row[5])) for row in good), Decimal()),
        distinct_order_ids=len({row[0] for row in good}),
        min_ordered_at=min(days),
        max_ordered_at=max(days),
    )
    assert len(days) == len(good)


@BOTH
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, strings: Strings) -> None:
    files = []
    for name, seed in (("a", SEED), ("b", SEED), ("c", SEED + 1)):
        path = tmp_path / f"{name}.xlsx"
        generate_orders(path, 300, bad_share=SHARE, seed=seed, strings=strings)
        files.append(path.read_bytes())
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_a_longer_workbook_begins_with_the_shorter_one(tmp_path: Path) -> None:
    for rows in (1_000, 1_100):
        generate_orders(tmp_path / f"{rows}.xlsx", rows, bad_share=SHARE, seed=SEED)
    assert rows_of(tmp_path / "1100.xlsx")[:1_001] == rows_of(tmp_path / "1000.xlsx")


def test_ids_begin_where_asked(tmp_path: Path) -> None:
    generate_orders(tmp_path / "o.xlsx", 3, seed=SEED, start_id=9_000_000_000)
    ids = [row[0] for row in rows_of(tmp_path / "o.xlsx")[1:]]
    assert ids == [9_000_000_000, 9_000_000_001, 9_000_000_002]
    assert order(SEED, 2, start_id=9_000_000_000).order_id == ids[2]


def test_a_workbook_may_have_no_rows(tmp_path: Path) -> None:
    expected = generate_orders(tmp_path / "o.xlsx", 0)
    assert rows_of(tmp_path / "o.xlsx") == [ORDER_COLUMNS]
    assert (expected.rows, expected.min_ordered_at, expected.max_ordered_at) == (0, None, None)


@pytest.mark.parametrize("rows", [-1, MAX_DATA_ROWS + 1])
def test_rows_no_sheet_holds_are_refused_at_once(tmp_path: Path, rows: int) -> None:
    with pytest.raises(ValueError, match="one sheet holds no more"):
        generate_orders(tmp_path / "o.xlsx", rows)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.02, 1.0])
def test_figures_come_back_from_the_file_beside_the_workbook(tmp_path: Path, share: float) -> None:
    path = tmp_path / "o.xlsx"
    expected = generate_orders(path, 500, bad_share=share, seed=SEED)
    assert expected.write_beside(path) == expected_path(path) == tmp_path / "o.xlsx.expected.json"
    assert read_expected(path) == expected


TELL_PEAK = """
import sys
import tracemalloc
from pathlib import Path

from sample_data import generate_orders
from sample_data.order_texts import order_texts

path, rows, strings, seed = sys.argv[1:]
order_texts()
tracemalloc.start()
generate_orders(Path(path), int(rows), bad_share=0.001, seed=int(seed), strings=strings)
print(tracemalloc.get_traced_memory()[1])
"""


def peak_bytes(path: Path, rows: int, strings: Strings) -> int:
    """Return what a process of its own takes: in ours, threads of other tests allocate, too."""
    arguments = [str(path), str(rows), strings, str(SEED)]
    told = subprocess.run(
        [sys.executable, "-c", TELL_PEAK, *arguments], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


@BOTH
def test_ten_times_the_rows_take_the_same_memory(tmp_path: Path, strings: Strings) -> None:
    few = peak_bytes(tmp_path / "few.xlsx", 5_000, strings)
    many = peak_bytes(tmp_path / "many.xlsx", 50_000, strings)
    # 50,000 rows are 24 MB of XML. The string table remembers the 7,700 texts that repeat, fewer
    # of which occur in 5,000 rows; the spool of the shared strings holds 1 MiB before it is a file.
    assert many < few + (2_000_000 if strings == "shared" else 200_000)
