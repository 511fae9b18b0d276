"""Text files for the target ``orders``, with the rows that the workbook of the same seed has."""

import csv
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from sample_data.bad_orders import ORDER_COLUMNS, fault_threshold, kind_of, spoiled_row
from sample_data.expected import Expected, Tally
from sample_data.order_draws import Draw, day_of, draw_orders
from sample_data.orders import DEFAULT_SEED

MAX_TEXT_ROWS = 2_147_483_646
_BLOCK_ROWS = 1_024
_FLAGS = ("FALSE", "TRUE")


def generate_orders_csv(
    path: str | os.PathLike[str],
    rows: int,
    *,
    bad_share: float = 0.0,
    seed: int = DEFAULT_SEED,
    delimiter: str = ",",
) -> Expected:
    """Write a header and ``rows`` orders as UTF-8 text, in constant memory.

    Row k (from 0) is row k + 2 of the file, and what the workbook of this seed has there. Raises
    ValueError for a share outside 0 to 1 or more rows than can be numbered.
    """
    if not 0 <= rows <= MAX_TEXT_ROWS:
        raise ValueError(f"{rows:,} rows: give 0 to {MAX_TEXT_ROWS:,}")
    threshold = fault_threshold(bad_share)
    tally = Tally()
    draws = draw_orders(seed)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(ORDER_COLUMNS)
        for done in range(0, rows, _BLOCK_ROWS):
            block = list(islice(draws, min(_BLOCK_ROWS, rows - done)))
            writer.writerows(_texts(draw, is_bad=draw[10] < threshold) for draw in block)
            for line, draw in enumerate(block, start=done + 2):
                if draw[10] < threshold:
                    tally.add_bad(line, kind_of(draw).name)
            tally.add_good([draw for draw in block if draw[10] >= threshold])
    return tally.expected("orders", seed)


def _texts(draw: Draw, *, is_bad: bool) -> Iterable[object]:
    if is_bad:
        return [_FLAGS[cell] if isinstance(cell, bool) else cell for cell in spoiled_row(draw)]
    order_id, name, email, sku, quantity, cents, currency, day, shipped, note, _, _ = draw
    price = f"{cents // 100}.{cents % 100:02d}"
    day_text = day_of(day).isoformat()
    return (order_id, name, email, sku, quantity, price, currency, day_text, _FLAGS[shipped], note)
