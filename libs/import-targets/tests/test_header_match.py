"""Headers find their fields whatever their spelling, and what does not fit is named."""

from __future__ import annotations

import pytest

from import_targets import RECORDS, HeaderMatch, TargetColumn, TargetDefinition, match_headers

ORDERS = TargetDefinition(
    name="o",
    kind="typed",
    table="o",
    columns=(
        TargetColumn(name="don_gia", type="text", required=True),
        TargetColumn(name="email", type="text", required=True, aliases=("mail", "e-mail address")),
        TargetColumn(name="note", type="text"),
        TargetColumn(name="state", type="text", required=True, default="new"),
    ),
)


def match(*headers: str, target: TargetDefinition = ORDERS) -> HeaderMatch:
    return match_headers(target, list(enumerate(headers)))


def fields(found: HeaderMatch) -> list[str | None]:
    return [column.field for column in found.columns]


@pytest.mark.parametrize("spelling", ["DON GIA", " Đơn-giá ", "don_gia", "Do\u031bn gia\u0301"])
def test_case_accents_and_separators_do_not_count(spelling: str) -> None:
    found = match(spelling, "E-Mail Address")
    assert fields(found) == ["don_gia", "email"]
    assert found.faults == ()
    assert found.columns[0].header == spelling


def test_a_name_goes_before_an_alias() -> None:
    found = match("mail", "don gia", "email", "other", "other")
    assert fields(found) == [None, "don_gia", "email", None, None]
    assert found.faults == ()


def test_two_columns_for_one_field_are_named_by_their_letters() -> None:
    found = match("email", "don gia", "E-MAIL")
    assert found.duplicates == (("email", ("A", "C")),)
    assert found.faults == ("Columns A and C all feed 'email'; rename or remove all but one.",)


def test_a_missing_required_field_is_told_with_its_aliases() -> None:
    found = match("don gia", "note")
    assert found.missing_required == ("email",)
    assert "'email'" in found.faults[0]
    assert "'mail'" in found.faults[0]


def test_a_sheet_of_strange_headers_is_no_sheet_for_the_target() -> None:
    optional = TargetDefinition(name="o", kind="typed", table="o", columns=ORDERS.columns[2:3])
    assert "No header" in match("x", "y", target=optional).faults[0]


def test_records_take_any_header_and_name_the_blank_ones_by_letter() -> None:
    found = match(" Prix \0", "", "prix", target=RECORDS)
    assert fields(found) == ["Prix", "B", "prix"]
    assert found.faults == ()
    assert match("a", "a ", target=RECORDS).duplicates == (("a", ("A", "B")),)
