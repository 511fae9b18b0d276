"""Texts of failed rows: harmless in a spreadsheet program, and the same when they come back."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluice.corrections import neutralised, restored

risky_texts = st.text(st.sampled_from("'=+-@\t\r\n19.,a ")) | st.text()


@given(risky_texts)
@example("'+5")
@example("+5\n")
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert restored(neutralised(text)) == text


@given(risky_texts)
def test_no_text_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    safe = neutralised(text)
    assert safe[:1] not in set("=+-@\t\r") or re.fullmatch(r"[+-]?\d+([.,]\d+)?", safe)


@pytest.mark.parametrize("text", ["-5", "+49,5", "-0.75", "12", "a=b", "", "'quoted'", "O'Neil"])
def test_numbers_and_common_texts_are_not_touched(text: str) -> None:
    assert neutralised(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("'=1", "''=1"),
        ("+49 170 1", "'+49 170 1"),
    ],
)
def test_what_looks_like_a_formula_gets_one_apostrophe(text: str, safe: str) -> None:
    assert neutralised(text) == safe
