"""The floor: our own reader straight into one COPY, without Kafka, ledger or validation.

What a cell holds is believed; only dates are converted, which a sheet keeps as serial numbers.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from xlsx_reader import BufferedRun, Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlsx_reader import RowRun

COPY = """
COPY orders (order_id, customer_name, email, sku, quantity, unit_price, currency,
             ordered_at, shipped, note)
FROM STDIN (FORMAT csv)
"""
DATE_COLUMN = 7
EPOCH_SERIAL = pa.scalar(25_569, pa.int32())
"""1970-01-01 as Excel counts days."""
ROOM = 8_000, 1 << 20
"""Rows and bytes of a run."""
WITHOUT_HEADER = csv.WriteOptions(include_header=False)


def main(path: str) -> None:
    pa.set_memory_pool(pa.system_memory_pool())
    with (
        psycopg.connect(os.environ["PEER_DATABASE_URL"]) as connection,
        connection.cursor().copy(COPY) as copy,
    ):
        for text in csv_blocks(path):
            copy.write(text)


def csv_blocks(path: str) -> Iterator[memoryview]:
    with Workbook.open(path) as workbook:
        for number, run in enumerate(workbook.runs(workbook.default_sheet(), lambda: ROOM)):
            columns = [column[1:] for column in arrays(run)] if number == 0 else arrays(run)
            if len(columns[0]):
                yield csv_of(columns)


def csv_of(columns: list[pa.Array]) -> memoryview:
    serials = columns[DATE_COLUMN].cast(pa.int32())
    columns[DATE_COLUMN] = pc.subtract(serials, EPOCH_SERIAL).cast(pa.date32())
    batch = pa.record_batch(columns, [str(index) for index in range(len(columns))])
    sink = io.BytesIO()
    csv.write_csv(batch, sink, WITHOUT_HEADER)
    return sink.getbuffer()


def arrays(run: RowRun) -> list[pa.Array]:
    if not isinstance(run, BufferedRun):
        return [pa.array(column, pa.string()) for column in run.columns]
    rows = len(run.lines)
    return [
        pa.StringArray.from_buffers(
            rows,
            pa.py_buffer(column.offsets),
            pa.py_buffer(column.text),
            pa.py_buffer(column.validity) if column.validity is not None else None,
            column.null_count,
        )
        for column in run.arrow_buffers()
    ]


if __name__ == "__main__":
    main(sys.argv[1])
