"""pandas: `read_excel`, then `to_sql` in multi-row INSERTs.

The second argument is the engine that reads: openpyxl, which pandas takes by itself, or calamine.
"""

from __future__ import annotations

import os
import sys

import pandas as pd
import sqlalchemy

BATCH_ROWS = 1_000


def main(path: str, engine: str) -> None:
    frame = pd.read_excel(path, engine=engine)
    url = os.environ["PEER_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    with sqlalchemy.create_engine(url).begin() as connection:
        frame.to_sql(
            "orders",
            connection,
            if_exists="append",
            index=False,
            method=None,
            chunksize=BATCH_ROWS,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
