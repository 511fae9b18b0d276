"""Good rows keep every rule of the target; a bad row breaks one rule of the column it names."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from sample_data import (
    BAD_KINDS,
    ORDER_COLUMNS,
    BadKind,
    bad_kind,
    bad_lines,
    generate_orders,
    iter_orders,
)
from sample_data.bad_orders import kind_of, spoiled_row
from sample_data.order_draws import draw_orders

SEED = 11


def is_text(low: int, high: int, pattern: str = "(?s:.*)") -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, str)
        and low <= len(value) <= high
        and re.fullmatch(pattern, value) is not None
    )


# The target's rules, told independently of the generator.
RULES: dict[str, Callable[[Any], bool]] = {
    "order_id": lambda value: isinstance(value, int),
    "customer_name": is_text(1, 200),
    "email": is_text(1, 320, r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "sku": is_text(1, 64, "[A-Z0-9-]+"),
    "quantity": lambda value: isinstance(value, int) and 1 <= value <= 1_000_000,
    "unit_price": lambda value: (
        isinstance(value, Decimal) and 0 <= value < 10**10 and value.as_tuple().exponent == -2
    ),
    "currency": lambda value: value in {"USD", "EUR", "GBP", "VND", "JPY"},
    "ordered_at": lambda value: type(value) is date,
    "shipped": lambda value: isinstance(value, bool),
    "note": lambda value: value is None or is_text(1, 2000)(value),
}


def broken_columns(row: list[Any]) -> list[str]:
    return [name for name, value in zip(ORDER_COLUMNS, row, strict=True) if not RULES[name](value)]


def test_every_good_row_keeps_every_rule() -> None:
    for each in islice(iter_orders(SEED), 5_000):
        assert broken_columns(list(astuple(each))) == []
        assert date(2020, 1, 1) <= each.ordered_at <= date(2025, 12, 31)


def test_every_bad_row_breaks_the_column_it_names_and_no_other() -> None:
    for draw in islice(draw_orders(SEED), 5_000):
        assert broken_columns(spoiled_row(draw)) == [kind_of(draw).column]


def test_there_are_eight_kinds_and_all_occur() -> None:
    kinds = Counter(kind.name for _, kind in bad_lines(SEED, 4_000, 0.2))
    assert len(BAD_KINDS) == 8
    assert set(kinds) == {kind.name for kind in BAD_KINDS}
    # 800 bad rows over eight kinds.
    assert all(60 <= count <= 140 for count in kinds.values())


def test_about_the_asked_share_is_bad() -> None:
    assert len(list(bad_lines(SEED, 50_000, 0.02))) == pytest.approx(1_000, rel=0.15)
    assert list(bad_lines(SEED, 1_000, 0.0)) == []
    assert len(list(bad_lines(SEED, 1_000, 1.0))) == 1_000


def test_a_larger_share_keeps_the_bad_rows_of_a_smaller_one() -> None:
    few = set(bad_lines(SEED, 5_000, 0.02))
    assert few < set(bad_lines(SEED, 5_000, 0.1))


def test_one_row_alone_is_as_bad_as_among_its_neighbours() -> None:
    among = dict(bad_lines(SEED, 1_100, 0.3))
    alone: dict[int, BadKind] = {}
    for k in range(1_000, 1_100):
        kind = bad_kind(SEED, k, 0.3)
        if kind is not None:
            alone[k + 2] = kind
    assert alone == {line: kind for line, kind in among.items() if line >= 1_002}


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share: float, tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        generate_orders(tmp_path / "o.xlsx", 1, bad_share=share)
