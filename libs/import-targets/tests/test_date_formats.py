"""The date formats of a target file: what they are, and which of them clash."""

from __future__ import annotations

from pathlib import Path

import pytest

from import_targets import TargetDefinition, TargetError, load_target
from import_targets.date_formats import clash_of

TARGET = """
name: days
table: days
columns:
  - {{name: day, type: {type}, formats: [{formats}]}}
"""


def load(folder: Path, formats: str, type_: str = "date") -> TargetDefinition:
    path = folder / "days.yaml"
    path.write_text(TARGET.format(type=type_, formats=formats))
    return load_target(path)


def test_a_target_keeps_its_formats_through_its_json(tmp_path: Path) -> None:
    target = load(tmp_path, "DD/MM/YYYY, YYYY.MM.DD")
    assert target.columns[0].formats == ("DD/MM/YYYY", "YYYY.MM.DD")
    assert TargetDefinition.from_json(target.to_json()) == target


@pytest.mark.parametrize(
    ("formats", "type_", "told"),
    [
        ("DD/MM/YY", "date", "'DD/MM/YY' is no date format"),
        ("DD/MM.YYYY", "date", "'DD/MM.YYYY' is no date format"),
        ("DD/DD/YYYY", "timestamp", "'DD/DD/YYYY' is no date format"),
        ("DD/MM/YYYY", "text", "formats means nothing for text"),
        ("DD/MM/YYYY, MM/DD/YYYY", "date", "DD/MM/YYYY and MM/DD/YYYY read one text as two days"),
    ],
)
def test_a_format_that_cannot_be_is_told(
    tmp_path: Path, formats: str, type_: str, told: str
) -> None:
    with pytest.raises(TargetError) as caught:
        load(tmp_path, formats, type_)
    assert told in str(caught.value)


def test_formats_with_different_separators_or_years_do_not_clash() -> None:
    assert clash_of(("DD/MM/YYYY", "MM.DD.YYYY", "YYYY/DD/MM")) is None
    assert clash_of(("YYYY-MM-DD", "YYYY-DD-MM")) == ("YYYY-MM-DD", "YYYY-DD-MM")
