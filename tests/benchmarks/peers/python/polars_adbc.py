"""polars (its reader is calamine) and ADBC's bulk ingestion, which is a binary COPY."""

from __future__ import annotations

import os
import sys

import polars as pl

TYPES = {
    "order_id": pl.Int64,
    "quantity": pl.Int32,
    "unit_price": pl.Decimal(12, 2),
    "ordered_at": pl.Date,
    "shipped": pl.Boolean,
}


def main(path: str) -> None:
    frame = pl.read_excel(path, engine="calamine")
    frame.cast(TYPES).write_database(
        "orders", os.environ["PEER_DATABASE_URL"], engine="adbc", if_table_exists="append"
    )


if __name__ == "__main__":
    main(sys.argv[1])
