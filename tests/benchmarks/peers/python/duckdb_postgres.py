"""DuckDB: one INSERT from its Excel reader into a table of its PostgreSQL extension."""

from __future__ import annotations

import os
import sys
from importlib.resources import files

import duckdb

LOAD = """
INSERT INTO target.orders (order_id, customer_name, email, sku, quantity, unit_price, currency,
                           ordered_at, shipped, note)
SELECT order_id::BIGINT, customer_name, email, sku, quantity::INTEGER,
       unit_price::DECIMAL(12, 2), currency, ordered_at::DATE, shipped::BOOLEAN, note
  FROM read_xlsx(?, header = true, empty_as_varchar = true)
"""


def main(path: str) -> None:
    connection = duckdb.connect()
    for name in ("excel", "postgres_scanner"):
        built = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
        connection.load_extension(str(built / f"{name}.duckdb_extension"))
    url = os.environ["PEER_DATABASE_URL"]
    connection.execute(f"ATTACH '{url}' AS target (TYPE postgres)")
    connection.execute(LOAD, [path])


if __name__ == "__main__":
    main(sys.argv[1])
