"""Workbooks for the target ``orders``: any number of rows in constant memory, contents known."""

import os
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path

from sample_data.bad_orders import ORDER_COLUMNS, fault_threshold, kind_of, spoiled_row
from sample_data.expected import Expected, Tally
from sample_data.order_draws import FIRST_DAY_SERIAL, Draw, draw_orders
from sample_data.order_texts import order_texts
from xlsx_writer import (
    MAX_ROWS,
    SharedStrings,
    SheetLayout,
    StreamingWorkbook,
    Strings,
    escape_text,
)

DEFAULT_SEED = 20_250_101

_BLOCK_ROWS = 1_024
# 1M rows inline: level 1 gives 84 MB for 6.5 CPU s, level 4 72 MB for 8.3, level 5 70 MB for 9.5.
# At 5 inline and shared workbooks are 65 MB on average, as those of the first measurements were.
_COMPRESSLEVEL = 5
_WIDTHS = (12, 24, 40, 14, 10, 12, 10, 12, 9, 44)
_CENTS = tuple(f".{cents:02d}" for cents in range(100))

# The header takes one of Excel's rows.
MAX_DATA_ROWS = MAX_ROWS - 1

RenderGood = Callable[[int, Draw], str]


def check_rows(rows: int) -> None:
    """Raises ValueError when a sheet cannot hold a header and so many rows."""
    if not 0 <= rows <= MAX_DATA_ROWS:
        raise ValueError(f"{rows:,} rows: give 0 to {MAX_DATA_ROWS:,}, one sheet holds no more")


def generate_orders(
    path: str | os.PathLike[str],
    rows: int,
    *,
    bad_share: float = 0.0,
    seed: int = DEFAULT_SEED,
    strings: Strings = "inline",
    start_id: int = 1,
) -> Expected:
    """Write a workbook of a header and ``rows`` orders with ids from start_id on.

    Row k (from 0) stands in sheet line k + 2 and is a pure function of (seed, k). Same arguments,
    same bytes. Raises ValueError for a share outside 0 to 1 or more rows than a sheet holds.
    """
    check_rows(rows)
    threshold = fault_threshold(bad_share)
    tally = Tally()
    draws = draw_orders(seed, start_id=start_id)
    layout = SheetLayout(header=ORDER_COLUMNS, column_widths=_WIDTHS, freeze_header=True)
    with StreamingWorkbook(
        Path(path),
        sheet_name="orders",
        strings=strings,
        compresslevel=_COMPRESSLEVEL,
        layout=layout,
    ) as workbook:
        good = _inline_renderer() if strings == "inline" else _shared_renderer(workbook)
        for done in range(0, rows, _BLOCK_ROWS):
            block = list(islice(draws, min(_BLOCK_ROWS, rows - done)))
            _write_block(workbook, block, threshold, good, tally)
    return tally.expected("orders", seed)


def _write_block(
    workbook: StreamingWorkbook, block: list[Draw], threshold: int, good: RenderGood, tally: Tally
) -> None:
    line = workbook.rows_written + 1
    xml = []
    for draw in block:
        if draw[10] >= threshold:
            xml.append(good(line, draw))
        else:
            xml.append(workbook.render_row(line, spoiled_row(draw)))
            tally.add_bad(line, kind_of(draw).name)
        line += 1
    tally.add_good([draw for draw in block if draw[10] >= threshold])
    workbook.write_rendered_rows("".join(xml), len(block))


@cache
def _escaped_notes() -> dict[str, str]:
    # Of all the texts only notes have characters that XML escapes.
    return {note: escape_text(note) for note in order_texts().notes}


# The two renderers are the writer's own row spelled out for this table, four times as fast; a test
# compares them byte for byte with StreamingWorkbook.write_row.


def _inline_renderer() -> RenderGood:
    escaped = _escaped_notes()

    def render(line: int, draw: Draw) -> str:
        order_id, name, email, sku, quantity, cents, currency, day, shipped, note, _, _ = draw
        r = str(line)
        note_cell = f'<c r="J{r}" t="inlineStr"><is><t>{escaped[note]}</t></is></c>' if note else ""
        return (
            f'<row r="{r}"><c r="A{r}"><v>{order_id}</v></c>'
            f'<c r="B{r}" t="inlineStr"><is><t>{name}</t></is></c>'
            f'<c r="C{r}" t="inlineStr"><is><t>{email}</t></is></c>'
            f'<c r="D{r}" t="inlineStr"><is><t>{sku}</t></is></c>'
            f'<c r="E{r}"><v>{quantity}</v></c>'
            f'<c r="F{r}"><v>{cents // 100}{_CENTS[cents % 100]}</v></c>'
            f'<c r="G{r}" t="inlineStr"><is><t>{currency}</t></is></c>'
            f'<c r="H{r}" s="1"><v>{FIRST_DAY_SERIAL + day}</v></c>'
            f'<c r="I{r}" t="b"><v>{shipped}</v></c>{note_cell}</row>'
        )

    return render


def _shared_renderer(workbook: StreamingWorkbook) -> RenderGood:
    table: SharedStrings = workbook.shared_strings
    refer = table.refer

    def render(line: int, draw: Draw) -> str:
        order_id, name, email, sku, quantity, cents, currency, day, shipped, note, _, _ = draw
        r = str(line)
        table.count_references(1)
        # Mailboxes hardly repeat: appended without a look-up, as the table would soon do anyway.
        row = (
            f'<row r="{r}"><c r="A{r}"><v>{order_id}</v></c>'
            f'<c r="B{r}" t="s"><v>{refer(name)}</v></c>'
            f'<c r="C{r}" t="s"><v>{table.append_item(f"<si><t>{email}</t></si>")}</v></c>'
            f'<c r="D{r}" t="s"><v>{refer(sku)}</v></c>'
            f'<c r="E{r}"><v>{quantity}</v></c>'
            f'<c r="F{r}"><v>{cents // 100}{_CENTS[cents % 100]}</v></c>'
            f'<c r="G{r}" t="s"><v>{refer(currency)}</v></c>'
            f'<c r="H{r}" s="1"><v>{FIRST_DAY_SERIAL + day}</v></c>'
            f'<c r="I{r}" t="b"><v>{shipped}</v></c>'
        )
        if note:
            return f'{row}<c r="J{r}" t="s"><v>{refer(note)}</v></c></row>'
        return f"{row}</row>"

    return render
