"""A mapping overrules what headers say, and one that fits no sheet is refused with its reasons."""

from __future__ import annotations

from itertools import permutations

import pytest

from import_targets import (
    RECORDS,
    HeaderMatch,
    TargetColumn,
    TargetDefinition,
    find_header,
    header_signature,
    match_headers,
)

ORDERS = TargetDefinition(
    name="orders",
    kind="typed",
    table="o",
    columns=(
        TargetColumn(name="order_id", type="bigint", required=True),
        TargetColumn(name="quantity", type="integer", required=True, aliases=("qty",)),
        TargetColumn(name="note", type="text"),
    ),
)


def match(
    headers: str, mapping: dict[str, str | None], target: TargetDefinition = ORDERS
) -> HeaderMatch:
    return match_headers(target, list(enumerate(headers.split("|"))), mapping)


def test_a_mapping_goes_before_names_and_the_rest_matches_as_ever() -> None:
    found = match("Order ID|Quantity|Pieces|Note", {"pieces": "quantity", "Quantity": None})
    assert [(h.letter, h.field, h.via, h.confidence) for h in found.headers] == [
        ("A", "order_id", "name", 1.0),
        ("B", None, "mapping", 1.0),
        ("C", "quantity", "mapping", 1.0),
        ("D", "note", "name", 1.0),
    ]
    assert found.faults == ()
    assert [column.field for column in found.columns] == ["order_id", None, "quantity", "note"]


def test_a_field_that_the_mapping_feeds_is_fed_by_no_name_beside_it() -> None:
    found = match("Order ID|Quantity|Pieces", {"Pieces": "quantity"})
    assert [h.field for h in found.headers] == ["order_id", None, "quantity"]
    assert found.faults == ()


def test_a_column_can_be_named_by_its_letter_unless_a_header_is_called_so() -> None:
    assert [h.field for h in match("x||y", {"A": "order_id", "b": "quantity"}).headers] == [
        *("order_id", "quantity", None)
    ]
    assert [h.field for h in match("x|A|qty", {"A": "order_id"}).headers] == [
        *(None, "order_id", "quantity")
    ]


def test_the_spelling_of_the_mapping_goes_before_another_case() -> None:
    found = match("ID|id|qty", {"id": "order_id"})
    assert [h.field for h in found.headers] == [None, "order_id", "quantity"]


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"Nowhere": "note"}, "names 'Nowhere', which is neither a header"),
        ({"ZZ": "note"}, "the columns A ('order id'), B ('Size'), C ('size') and E ('qty')"),
        ({"": "note"}, "names ''"),
        ({"SIZE": "note"}, "'SIZE', the header of columns B and C"),
        ({"qty": "quantity", "E": "note"}, "names column E ('qty') twice, as 'qty' and as 'E'"),
        ({"D": "price"}, "feeds 'price' from column D, but the target 'orders' has no such field"),
        ({"B": "note", "C": "note"}, "Columns B and C all feed 'note'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_letters(
    mapping: dict[str, str | None], told: str
) -> None:
    found = match("order id|Size|size||qty", mapping)
    assert len(found.faults) == 1
    assert told in found.faults[0]
    assert found.code == ("HEADER_DUPLICATE" if "all feed" in told else "MAPPING_INVALID")


def test_all_faults_of_a_mapping_are_told_at_once() -> None:
    found = match("a|b", {"x": "note", "a": "price"})
    assert len(found.mapping_faults) == 2
    assert found.missing_required == ("order_id", "quantity")
    assert "columns A ('a') and B ('b') feed no field" in found.faults[4]


def test_a_required_field_that_the_mapping_takes_away_is_missing() -> None:
    assert match("order id|qty", {"qty": None}).missing_required == ("quantity",)


def test_records_are_renamed_and_left_out_by_a_mapping() -> None:
    found = match("a|b|c", {"a": "first", "B": None}, RECORDS)
    assert [h.field for h in found.headers] == ["first", None, "c"]
    assert "needs a name" in match("a|b", {"a": " "}, RECORDS).faults[0]
    assert match("a|b", {"a": "b"}, RECORDS).duplicates == (("b", ("A", "B")),)


def test_the_header_is_the_row_that_the_mapping_fits() -> None:
    rows: list[tuple[int, list[str | None]]] = [
        (1, ["Report of May", None]),
        (3, ["Bestellung", "Menge"]),
    ]
    found = find_header(ORDERS, rows, {"Bestellung": "order_id", "menge": "quantity"})
    assert found is not None
    assert (found.line, found.match.faults) == (3, ())


def test_sheets_of_the_same_headers_share_a_signature() -> None:
    headers = ["Order ID", "Đơn giá", "note", "", "note"]
    (one,) = {header_signature(order) for order in permutations(headers)}
    assert header_signature(["don-gia", "NOTE", "orderid", "note "]) == one
    assert header_signature(["don-gia", "NOTE", "orderid"]) != one
    assert len(one) == 32
