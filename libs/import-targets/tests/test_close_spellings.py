"""Misspelt headers are suggested; only what is surely a slip of the fingers is used unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_targets import (
    HeaderMatch,
    TargetColumn,
    TargetDefinition,
    find_header,
    load_target,
    match_headers,
)
from import_targets.typing_slips import is_slip

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")


def target(*fields: str) -> TargetDefinition:
    columns = tuple(TargetColumn(name=name, type="text") for name in fields)
    return TargetDefinition(name="t", kind="typed", table="t", columns=columns)


def match(headers: str, definition: TargetDefinition = ORDERS) -> HeaderMatch:
    return match_headers(definition, list(enumerate(headers.split("|"))))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Quantty", "quantity"),
        ("Custommer name", "customer_name"),
        ("CUSTOMER-NMAE", None),
        ("Custoemr_name", "customer_name"),
        ("Email adress", "email"),
        ("curency", "currency"),
    ],
)
def test_a_slip_in_a_long_word_is_used(header: str, field: str | None) -> None:
    (found,) = match(header).headers
    assert found.field == field
    assert (found.via, found.header) == ("close", header)
    assert 0.7 <= found.confidence < 1


@pytest.mark.parametrize(
    ("header", "fields", "suggested"),
    [
        ("order_ic", ["order_id"], "order_id"),
        ("ordered_by", ["ordered_at"], "ordered_at"),
        ("Latitude", ["altitude"], "altitude"),
        ("County", ["country"], "country"),
        ("Contract", ["contact"], "contact"),
        ("Quality", ["quantity"], "quantity"),
        ("unit_prize", ["unit_price"], "unit_price"),
        ("name of customer", ["customer_of_name"], "customer_of_name"),
        ("customers", ["customer"], "customer"),
        ("quantiti", ["quantity"], "quantity"),
        ("address1", ["address2"], None),
        ("address", ["address2"], None),
        ("quantity", ["weight"], None),
        ("no", ["nr"], None),
        ("", ["order_id"], None),
        ("x" * 5000, ["x" * 60], None),
    ],
)
def test_what_may_be_another_word_is_suggested_at_most(
    header: str, fields: list[str], suggested: str | None
) -> None:
    (found,) = match(header, target(*fields)).headers
    assert (found.field, found.suggested) == (None, suggested)
    assert found.via == ("close" if suggested else "none")
    assert (found.confidence > 0) == bool(suggested)


def test_of_two_fields_that_are_nearly_as_close_none_is_used() -> None:
    (found,) = match("invoice_numbber", target("invoice_number", "invoices_number")).headers
    assert found.field is None
    (found,) = match("invoice_numbber", target("invoice_number", "delivery_note")).headers
    assert found.field == "invoice_number"


def test_of_two_headers_that_are_nearly_as_close_none_is_used() -> None:
    found = match("Quantty|Quantitty")
    assert [header.field for header in found.headers] == [None, None]
    found = match("Quantty|Pieces of it")
    assert found.headers[0].field == "quantity"


def test_a_header_that_is_nearest_to_a_fed_field_gets_no_worse_one() -> None:
    found = match("quantity|Quantitty", target("quantity", "quantile"))
    assert [(h.field, h.suggested) for h in found.headers] == [
        ("quantity", "quantity"),
        (None, None),
    ]


def test_a_mapping_goes_before_a_slip() -> None:
    headers = [(0, "Quantty"), (1, "x")]
    found = match_headers(ORDERS, headers, {"x": "quantity"})
    assert [h.field for h in found.headers] == [None, "quantity"]
    found = match_headers(ORDERS, headers, {"A": None})
    assert [h.field for h in found.headers] == [None, None]


def test_a_missing_field_names_the_column_that_may_be_meant() -> None:
    faults = " ".join(match("order_ic").faults)
    assert "'order_id'; column A ('order_ic') may be meant: rename it, or map it" in faults


def test_slips_do_not_hide_the_header_below_a_title() -> None:
    rows: list[tuple[int, list[str | None]]] = [(1, ["May"]), (3, ["customer", "Quantty"])]
    found = find_header(target("customer", "quantity"), rows)
    assert found is not None
    assert (found.line, found.match.fed, found.match.faults) == (3, 2, ())


def test_when_no_row_fits_the_one_that_feeds_most_fields_is_told() -> None:
    rows: list[tuple[int, list[str | None]]] = [
        (1, ["Orders of May"]),
        (3, ["order id", "Custommer", "Quantty"]),
        (4, ["1", "note", "2"]),
    ]
    found = find_header(ORDERS, rows)
    assert found is not None
    assert (found.line, found.match.fed) == (3, 3)
    assert "'email'" in found.match.faults[0]


WORDS = st.lists(st.text("abcdefgh1", min_size=1, max_size=12), min_size=1, max_size=3)


@given(WORDS, st.data())
def test_no_slip_is_seen_where_more_than_one_word_or_a_wrong_letter_differs(
    words: list[str], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(words) - 1))
    at = data.draw(st.integers(0, len(words[which]) - 1))
    wrong = [*words]
    wrong[which] = f"{words[which][:at]}z{words[which][at + 1 :]}"
    assert not is_slip(wrong, words)
    assert not is_slip(words, words)
    assert not is_slip([*words, "more"], words)
