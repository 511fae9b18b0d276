"""openpyxl's read-only mode and psycopg's executemany, 1,000 rows a batch, one transaction."""

from __future__ import annotations

import os
import sys
from itertools import islice

import openpyxl
import psycopg

BATCH_ROWS = 1_000
INSERT = """
INSERT INTO orders (order_id, customer_name, email, sku, quantity, unit_price, currency,
                    ordered_at, shipped, note)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def main(path: str) -> None:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = sheet.iter_rows(min_row=2, max_col=10, values_only=True)
    with psycopg.connect(os.environ["PEER_DATABASE_URL"]) as connection:
        cursor = connection.cursor()
        while batch := list(islice(rows, BATCH_ROWS)):
            cursor.executemany(INSERT, batch)


if __name__ == "__main__":
    main(sys.argv[1])
