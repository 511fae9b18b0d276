"""Two sheets that are hard to read fast: millions of unique shared strings, alternating types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sample_data.orders import check_rows
from xlsx_writer import SheetLayout, StreamingWorkbook

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from xlsx_writer.shared_strings import SharedStrings

_BLOCK_ROWS = 2_000
_UNIQUE_COLUMNS = 10
_ALTERNATING_COLUMNS = 16
_LETTERS = "ABCDEFGHIJKLMNOP"
_EXTRA_EVERY = 10


def generate_unique_strings(path: str | os.PathLike[str], rows: int) -> int:
    """Write ten columns of which two hold a text of their own in each row, and one in ten a third.

    Returns how many shared strings there are: 2,100,000 for a million rows.
    """
    layout = SheetLayout(header=[f"column {n + 1}" for n in range(_UNIQUE_COLUMNS)])
    with StreamingWorkbook(
        Path(path), sheet_name="unique", strings="shared", compresslevel=1, layout=layout
    ) as workbook:
        header_texts = workbook.shared_strings.size
        _write_rows(workbook, rows, _unique_row(workbook.shared_strings))
        return workbook.shared_strings.size - header_texts


def generate_alternating_types(path: str | os.PathLike[str], rows: int) -> None:
    """Write sixteen columns, each of which is a number, a text, a truth value or a date in turn.

    No two rows that follow each other have one shape, and there are far more shapes than a reader
    can learn: a row's is drawn anew for each cell.
    """
    layout = SheetLayout(header=[f"column {n + 1}" for n in range(_ALTERNATING_COLUMNS)])
    with StreamingWorkbook(
        Path(path), sheet_name="alternating", strings="inline", compresslevel=1, layout=layout
    ) as workbook:
        _write_rows(workbook, rows, _alternating_row)


def _write_rows(workbook: StreamingWorkbook, rows: int, render: Callable[[int, int], str]) -> None:
    check_rows(rows)
    for done in range(0, rows, _BLOCK_ROWS):
        count = min(_BLOCK_ROWS, rows - done)
        line = workbook.rows_written + 1
        xml = "".join(render(line + n, done + n) for n in range(count))
        workbook.write_rendered_rows(xml, count)


def _unique_row(table: SharedStrings) -> Callable[[int, int], str]:
    def item(text: str) -> int:
        table.count_references(1)
        return table.append_item(f"<si><t>{text}</t></si>")

    def render(line: int, k: int) -> str:
        draw = k * 0x9E3779B97F4A7C15 % (1 << 64)
        extra = ""
        if k % _EXTRA_EVERY == 0:
            extra = f'<c r="J{line}" t="s"><v>{item(f"note {draw:x} on {k}")}</v></c>'
        numbers = "".join(
            f'<c r="{_LETTERS[n]}{line}"><v>{(draw >> n) % 100_000}</v></c>' for n in range(2, 9)
        )
        return (
            f'<row r="{line}">'
            f'<c r="A{line}" t="s"><v>{item(f"{draw:016x}-{k}")}</v></c>'
            f'<c r="B{line}" t="s"><v>{item(f"person{k}@mail-{draw % 977}.example")}</v></c>'
            f"{numbers}{extra}</row>"
        )

    return render


def _alternating_row(line: int, k: int) -> str:
    draw = (k + 1) * 0xD1342543DE82EF95 % (1 << 64)
    draw ^= draw >> 29
    cells = []
    for letter in _LETTERS:
        place, kind = f"{letter}{line}", draw & 3
        value = (draw >> 2) % 10_000
        if kind == 0:
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
        elif kind == 1:
            cells.append(f'<c r="{place}" t="inlineStr"><is><t>text {value}</t></is></c>')
        elif kind == 2:  # noqa: PLR2004 - the third of four kinds
            cells.append(f'<c r="{place}" t="b"><v>{value & 1}</v></c>')
        else:
            cells.append(f'<c r="{place}" s="1"><v>{40_000 + value}</v></c>')
        draw = draw * 0x9E3779B97F4A7C15 % (1 << 64) ^ (draw >> 31)
    return f'<row r="{line}">{"".join(cells)}</row>'
