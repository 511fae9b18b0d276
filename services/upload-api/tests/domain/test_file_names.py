import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_api.domain.file_names import MAX_BYTES, clean_file_name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("C:\\Users\\me\\a.xlsx", "a.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("sales\u202excod.xlsx", "salesxcod.xlsx"),
        ("a\r\nb\0.xlsx", "ab.xlsx"),
        ("e\u0301te\u0301.xlsx", "été.xlsx"),
        ("", "upload.xlsx"),
        ("..", "upload.xlsx"),
        ("folder/", "upload.xlsx"),
    ],
)
def test_a_name_is_shown_without_folders_controls_and_overrides(raw: str, shown: str) -> None:
    assert clean_file_name(raw) == shown


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_file_name("é" * 5_000 + ".xlsx")
    assert name.endswith("é.xlsx")
    assert len(name.encode()) in {MAX_BYTES, MAX_BYTES - 1}


@given(st.text())
def test_any_name_becomes_a_short_one_that_stays_as_it_is(raw: str) -> None:
    name = clean_file_name(raw)
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert "/" not in name
    assert unicodedata.is_normalized("NFC", name)
