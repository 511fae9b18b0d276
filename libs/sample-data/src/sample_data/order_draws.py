"""Order k as a pure function of (seed, k): drawn from a hash stream, no state from row to row."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from sample_data.order_texts import CURRENCIES, DOMAINS, OrderTexts, order_texts

# SHAKE-128 gives a block of orders their random bytes in one call and struct cuts them into small
# integers; with the texts picked, 0.85 CPU s per 1M orders.
_BLOCK = 1024
_FIELDS = struct.Struct("<HHHIHBBBxI")
_FIRST_DAY = date(2020, 1, 1)
_DAYS = (date(2025, 12, 31) - _FIRST_DAY).days + 1
FIRST_DAY_SERIAL = 43_831  # 2020-01-01 in Excel's 1900 calendar
_MIN_CENTS = 50
_CENTS = 99_950
_SHIPPED_OF_256 = 200
# Most orders are of 1 to 12 pieces, one in eight is of 20 to 485.
QUANTITIES = tuple(1 + step % 12 for step in range(224)) + tuple(range(20, 500, 15))

# order_id, customer_name, email, sku, quantity, cents, currency, day (0 is 2020-01-01), shipped,
# note ("" for none), fault (below the bad share of 2**32: the row is bad), fault's kind (0 to 255)
Draw = tuple[int, str, str, str, int, int, str, int, int, str, int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """One good row of a sample workbook, column by column."""

    order_id: int
    customer_name: str
    email: str
    sku: str
    quantity: int
    unit_price: Decimal
    currency: str
    ordered_at: date
    shipped: bool
    note: str | None


def day_of(index: int) -> date:
    """The date of a draw's day."""
    return _FIRST_DAY + timedelta(days=index)


def draw_orders(seed: int, first: int = 0, *, start_id: int = 1) -> Iterator[Draw]:
    """Orders first, first + 1, … without end."""
    texts = order_texts()
    block, skip = divmod(first, _BLOCK)
    k = start_id + block * _BLOCK
    while True:
        yield from islice(_draw_block(texts, seed, block, k), skip, None)
        block, k, skip = block + 1, k + _BLOCK, 0


def _draw_block(texts: OrderTexts, seed: int, block: int, first_id: int) -> Iterator[Draw]:
    people, skus, notes = texts.people, texts.skus, texts.notes
    n_people, n_skus, n_notes = len(people), len(skus), len(notes)
    stream = hashlib.shake_128(b"orders %d %d" % (seed, block)).digest(_BLOCK * _FIELDS.size)
    order_id = first_id
    drawn = _FIELDS.iter_unpack(stream)
    for who, sku, note, cents, day, quantity, small, kind, fault in drawn:
        name, mailbox = people[who % n_people]
        yield (
            order_id,
            name,
            f"{mailbox}{order_id}@{DOMAINS[small & 3]}",
            skus[sku % n_skus],
            QUANTITIES[quantity],
            _MIN_CENTS + cents % _CENTS,
            CURRENCIES[small >> 4],
            day % _DAYS,
            1 if kind < _SHIPPED_OF_256 else 0,
            notes[note % n_notes],
            fault,
            kind,
        )
        order_id += 1


def iter_orders(seed: int, first: int = 0, *, start_id: int = 1) -> Iterator[Order]:
    """Orders first, first + 1, … without end, as they are where they are not bad."""
    return map(order_of, draw_orders(seed, first, start_id=start_id))


def order(seed: int, k: int, *, start_id: int = 1) -> Order:
    """Order k (from 0), as it stands in sheet line k + 2 unless that row is bad."""
    return next(iter_orders(seed, k, start_id=start_id))


def order_of(draw: Draw) -> Order:
    """A draw as an order."""
    order_id, name, email, sku, quantity, cents, currency, day, shipped, note = draw[:10]
    return Order(
        order_id=order_id,
        customer_name=name,
        email=email,
        sku=sku,
        quantity=quantity,
        unit_price=Decimal(cents).scaleb(-2),
        currency=currency,
        ordered_at=day_of(day),
        shipped=shipped == 1,
        note=note or None,
    )
