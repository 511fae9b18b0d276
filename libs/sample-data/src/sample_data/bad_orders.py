"""Bad rows with a known fault: which rows, which kind and what stands in them follow the seed."""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from itertools import islice

from sample_data.order_draws import Draw, Order, draw_orders, order_of
from xlsx_writer import CellValue

ORDER_COLUMNS = tuple(field.name for field in fields(Order))
_FAULTS = 1 << 32


@dataclass(frozen=True, slots=True)
class BadKind:
    """One way a row is bad: exactly one column breaks exactly one rule of the target."""

    name: str
    column: str
    # What stands in the column instead of the good order's value.
    spoil: Callable[[Order], CellValue]


BAD_KINDS = (
    BadKind("order_id_missing", "order_id", lambda _: None),
    BadKind("customer_name_missing", "customer_name", lambda _: None),
    BadKind("email_without_at", "email", lambda order: order.email.replace("@", ".")),
    BadKind("sku_too_long", "sku", lambda order: f"{order.sku}-{'0' * 60}"),
    BadKind("quantity_not_a_number", "quantity", lambda order: f"{order.quantity} pieces"),
    BadKind("quantity_negative", "quantity", lambda order: -order.quantity),
    BadKind("currency_unknown", "currency", lambda _: "BTC"),
    BadKind("ordered_at_impossible", "ordered_at", lambda order: f"{order.ordered_at.year}-02-30"),
)


def fault_threshold(bad_share: float) -> int:
    """A draw is bad when its fault is below this; raises ValueError outside 0 to 1."""
    if not 0 <= bad_share <= 1:
        raise ValueError(f"bad share {bad_share}: give a share between 0 and 1")
    return round(bad_share * _FAULTS)


def kind_of(draw: Draw) -> BadKind:
    """The kind of a draw that is bad."""
    return BAD_KINDS[draw[11] % len(BAD_KINDS)]


def bad_kind(seed: int, k: int, bad_share: float) -> BadKind | None:
    """How row k is bad at that share; None for a good row."""
    draw = next(draw_orders(seed, k))
    return kind_of(draw) if draw[10] < fault_threshold(bad_share) else None


def bad_lines(seed: int, rows: int, bad_share: float) -> Iterator[tuple[int, BadKind]]:
    """The 1-based sheet lines of all bad rows among the first ``rows``, with their kinds."""
    threshold = fault_threshold(bad_share)
    for line, draw in enumerate(islice(draw_orders(seed), rows), start=2):
        if draw[10] < threshold:
            yield line, kind_of(draw)


def spoiled_row(draw: Draw) -> list[CellValue]:
    """The cells of a bad draw."""
    kind = kind_of(draw)
    order = order_of(draw)
    cells: list[CellValue] = list(astuple(order))
    cells[ORDER_COLUMNS.index(kind.column)] = kind.spoil(order)
    return cells
