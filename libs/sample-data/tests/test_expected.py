"""The figures keep their bounds and come back from JSON."""

from datetime import date
from decimal import Decimal
from itertools import islice

from sample_data import Expected
from sample_data.expected import KEPT_BAD_LINES, Tally
from sample_data.order_draws import draw_orders


def test_only_the_first_bad_lines_are_kept_and_all_are_counted() -> None:
    tally = Tally()
    for line in range(2, KEPT_BAD_LINES + 102):
        tally.add_bad(line, "sku_too_long")
    expected = tally.expected("orders", 1)
    assert expected.bad_rows == expected.rows == KEPT_BAD_LINES + 100
    assert len(expected.first_bad_lines) == KEPT_BAD_LINES
    assert expected.first_bad_lines[0] == (2, "sku_too_long")
    assert expected.first_bad_lines[-1] == (KEPT_BAD_LINES + 1, "sku_too_long")


def test_figures_do_not_depend_on_the_blocks_they_were_counted_in() -> None:
    draws = list(islice(draw_orders(5), 100))
    whole, parts = Tally(), Tally()
    whole.add_good(draws)
    for part in (draws[:1], [], draws[1:40], draws[40:]):
        parts.add_good(part)
    assert whole.expected("orders", 5) == parts.expected("orders", 5)


def test_figures_are_exact_in_json() -> None:
    expected = Expected(
        target="orders",
        seed=1,
        rows=3,
        good_rows=2,
        bad_rows=1,
        bad_by_kind={"sku_too_long": 1},
        first_bad_lines=((4, "sku_too_long"),),
        sum_quantity=2**60 + 1,
        sum_unit_price=Decimal("12345678901234567890.10"),
        distinct_order_ids=2,
        min_ordered_at=date(2020, 1, 1),
        max_ordered_at=date(2025, 12, 31),
    )
    assert '"sum_unit_price": "12345678901234567890.10"' in expected.to_json()
    assert Expected.from_json(expected.to_json()) == expected
