"""Generated workbooks and text files: the demo's, the tests' and the benchmarks' input."""

from sample_data.bad_orders import BAD_KINDS, ORDER_COLUMNS, BadKind, bad_kind, bad_lines
from sample_data.csv_orders import MAX_TEXT_ROWS, generate_orders_csv
from sample_data.expected import Expected, expected_path, read_expected
from sample_data.mixed import MixedExpected, generate_mixed, mixed_cell, mixed_header
from sample_data.order_draws import Order, iter_orders, order
from sample_data.orders import DEFAULT_SEED, MAX_DATA_ROWS, generate_orders

__all__ = [
    "BAD_KINDS",
    "DEFAULT_SEED",
    "MAX_DATA_ROWS",
    "MAX_TEXT_ROWS",
    "ORDER_COLUMNS",
    "BadKind",
    "Expected",
    "MixedExpected",
    "Order",
    "bad_kind",
    "bad_lines",
    "expected_path",
    "generate_mixed",
    "generate_orders",
    "generate_orders_csv",
    "iter_orders",
    "mixed_cell",
    "mixed_header",
    "order",
    "read_expected",
]
