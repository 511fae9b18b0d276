"""What is suggested for a sheet: the target that fits best, and a mapping that can be sent back."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from import_targets import (
    RECORDS,
    MatchedHeader,
    TargetColumn,
    TargetDefinition,
    header_key,
    match_headers,
)
from upload_api.domain.suggested_mapping import suggested_mapping
from upload_api.domain.target_choice import fitting_targets
from upload_api.domain.upload_form import MAX_MAPPING_BYTES, UPLOAD_FIELDS, FieldRefused, read_form


def target(name: str, *columns: str, optional: tuple[str, ...] = ()) -> TargetDefinition:
    return TargetDefinition(
        name=name,
        kind="typed",
        table=name,
        columns=(
            *(TargetColumn(name=column, type="text", required=True) for column in columns),
            *(TargetColumn(name=column, type="text") for column in optional),
        ),
    )


ORDERS = target("orders", "order_id", "sku", "quantity", optional=("note",))
STOCK = target("stock", "sku", "quantity")


def test_the_target_that_takes_most_and_misses_least_is_the_best() -> None:
    targets = [RECORDS, STOCK, ORDERS]
    rows: list[tuple[int, list[str | None]]] = [(1, ["Orders of May"])]
    rows += [(2, ["Order ID", "SKU", "Quantity", None])]
    best, second = fitting_targets(targets, rows)
    assert (best.name, best.score, best.missing_required) == ("orders", 1.0, ())
    assert (second.name, second.missing_required) == ("stock", ())
    assert second.score < 1
    [half] = fitting_targets([ORDERS], [(1, ["sku", "a", "b", "c"])])
    assert (half.missing_required, half.score < 0.5) == (("order_id", "quantity"), True)
    assert fitting_targets(targets, [(1, ["a", "b"])]) == ()
    assert fitting_targets(targets, []) == ()


HEADERS = st.lists(
    st.sampled_from(["order_id", "Order-ID", "sku", "a", "A", "B", "b ", "", "note", "c", "Qty"])
    | st.sampled_from(["\0", "a\0b", "order_id\0", "\x01", "\x1f\x7f", "\ufffd", "\u0344" * 1500])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
    | st.integers(1999, 2001).map(lambda characters: "x" * characters)
    | st.integers(1999, 2001).map(lambda characters: "é" * characters),
    max_size=6,
)


@given(HEADERS)
@example(["B", "\u00af"])  # without accents nothing is left of it, and its letter is a header
def test_a_suggested_mapping_sent_back_says_what_it_was_made_of(headers: list[str]) -> None:
    cells = list(enumerate(headers))
    for definition in (ORDERS, RECORDS):
        first = match_headers(definition, cells)
        mapping = suggested_mapping(first.headers)
        if mapping:
            assert sent_back(mapping) == mapping
        again = match_headers(definition, cells, mapping)
        assert again.mapping_faults == ()
        keys = [header_key(header) or header.strip() for header in headers]
        for before, after in zip(first.headers, again.headers, strict=True):
            # Blank columns and those of one header are named by letter, if that is no header
            if before.header.strip() and keys.count(keys[before.index]) == 1:
                assert after.suggested == before.suggested
                assert after.via == "mapping" or not can_be_said(before)


def sent_back(mapping: Mapping[str, str | None]) -> Mapping[str, str | None] | None:
    return read_form({"mapping": json.dumps({"columns": mapping})}, UPLOAD_FIELDS).mapping


def can_be_said(found: MatchedHeader) -> bool:
    texts = (found.header, found.suggested or "a")
    return not any("\0" in text or len(text) > 2000 for text in texts)


def test_a_suggested_mapping_is_no_longer_than_what_is_taken() -> None:
    headers = [(index, f"{index} {'đ' * 400}") for index in range(500)]
    match = match_headers(RECORDS, headers)
    mapping = suggested_mapping(match.headers)
    text = json.dumps({"columns": mapping})
    assert MAX_MAPPING_BYTES - 5000 < len(text) <= MAX_MAPPING_BYTES
    assert sent_back(mapping) == mapping
    again = match_headers(RECORDS, headers, mapping)
    assert [found.field for found in again.headers] == [found.field for found in match.headers]


def test_a_mapping_of_what_cannot_be_stored_is_refused() -> None:
    for columns in ({"a": "\ud800"}, {"\udfff": "a"}, {"a\0": "a"}, {"a": 1}, {"a": " "}):
        with pytest.raises(FieldRefused):
            sent_back(columns)  # type: ignore[arg-type] # as JSON may hold it


def test_columns_of_one_header_are_named_by_letter() -> None:
    match = match_headers(ORDERS, [(0, "sku"), (1, " Sku"), (2, ""), (3, "order_id")])
    assert suggested_mapping(match.headers) == {
        "A": "sku",
        "B": "sku",
        "C": None,
        "order_id": "order_id",
    }


def test_a_header_of_signs_alone_is_named_by_itself_wherever_its_column_moves() -> None:
    match = match_headers(RECORDS, [(0, "B"), (1, "-"), (2, "--"), (3, "_"), (4, "_")])
    mapping = suggested_mapping(match.headers)
    assert mapping == {"B": "B", "-": "-", "--": "--", "D": "_", "E": "_"}
    moved = match_headers(RECORDS, [(0, "--"), (1, "B"), (2, "-")], {"-": "dash", "B": "b"})
    assert [found.field for found in moved.headers] == ["--", "b", "dash"]
