"""openpyxl's read-only mode into one COPY of psycopg's."""

from __future__ import annotations

import os
import sys

import openpyxl
import psycopg

COPY = """
COPY orders (order_id, customer_name, email, sku, quantity, unit_price, currency,
             ordered_at, shipped, note)
FROM STDIN
"""


def main(path: str) -> None:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    with (
        psycopg.connect(os.environ["PEER_DATABASE_URL"]) as connection,
        connection.cursor().copy(COPY) as copy,
    ):
        for row in sheet.iter_rows(min_row=2, max_col=10, values_only=True):
            copy.write_row(row)


if __name__ == "__main__":
    main(sys.argv[1])
