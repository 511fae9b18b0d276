"""What is proven of a whole column says the same as a look at each of its texts."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_targets.converted import nonblank, trimmed
from import_targets.joined_texts import all_match
from import_targets.storable_texts import storable_texts
from import_targets.to_booleans import to_booleans
from import_targets.whole_columns import byte_lengths, byte_range, longest, shortest

TEXTS = st.lists(
    st.none() | st.text(alphabet="01aZ-. \t\n\x1c\0\u00a0\u1ea1đ", max_size=5), max_size=8
)
RAW = st.lists(
    st.none()
    | st.lists(st.sampled_from([b"a", b"\0", b"\xc4\x91", b"\xed\xa0", b"\x91"]), max_size=3),
    max_size=6,
)
PLACES = st.integers(min_value=0, max_value=3)


def column(texts: Sequence[str | None], start: int = 0) -> pa.StringArray:
    """Return the texts behind as many others, whose bytes lie in the same buffer."""
    return pa.array(["\0 x"] * start + list(texts), pa.string())[start:]


@given(TEXTS, PLACES)
def test_lengths_are_those_of_each_text(texts: list[str | None], start: int) -> None:
    array = column(texts, start)
    lengths = [None if text is None else len(text.encode()) for text in texts]
    there = [length for length in lengths if length is not None]
    assert byte_lengths(array).to_pylist() == lengths
    assert shortest(array) == min(there, default=None)
    assert longest(array) == max(there, default=0)


@given(TEXTS, PLACES)
def test_what_the_bytes_prove_is_true_of_each_text(texts: list[str | None], start: int) -> None:
    seen = byte_range(column(texts, start))
    there = "".join(text or "" for text in texts)
    assert there.isascii() or not seen.is_ascii
    assert "\0" not in there or not seen.has_no_nul
    assert not any(letter.isalpha() for letter in there) or not seen.has_no_letter
    assert there.split() in ([], [there]) or not seen.has_no_blank
    assert not there.strip("01") or not seen.has_only_0_and_1


def test_a_column_without_a_byte_has_nothing_against_it() -> None:
    for texts in ([], [None, None], ["", ""]):
        seen = byte_range(column(texts))
        assert (seen.is_ascii, seen.has_no_nul, seen.has_no_blank, seen.has_no_letter) == (
            True,
        ) * 4


@given(TEXTS, PLACES)
def test_blanks_are_taken_off_as_from_each_text(texts: list[str | None], start: int) -> None:
    array = column(texts, start)
    assert trimmed(array).equals(pc.utf8_trim_whitespace(array))
    expected = [text or None for text in texts]
    assert nonblank(array).to_pylist() == expected


@given(RAW, PLACES)
def test_what_cannot_be_stored_is_found_in_any_bytes(
    raw: list[list[bytes] | None], start: int
) -> None:
    cells = [None if parts is None else b"".join(parts) for parts in raw]
    array = pa.array([b"x\0"] * start + cells, pa.binary())[start:]
    texts, faults = storable_texts(array.view(pa.string()))
    bad = [_is_unstorable(cell) for cell in cells]
    marked = [any(fault.mask[at].as_py() for fault in faults) for at in range(len(cells))]
    assert marked == bad
    expected = [None if is_bad else cell for cell, is_bad in zip(cells, bad, strict=True)]
    assert texts.cast(pa.binary()).to_pylist() == expected


def _is_unstorable(cell: bytes | None) -> bool:
    try:
        return "\0" in (cell or b"").decode()
    except UnicodeDecodeError:
        return True


@given(st.lists(st.none() | st.sampled_from(["0", "1", "", "01", "10", "2", "yes"]), max_size=5))
def test_flags_mean_what_each_of_them_means(texts: list[str | None]) -> None:
    alone = [to_booleans(pa.array([text, "yes"], pa.string())) for text in texts]
    together = to_booleans(pa.array(texts, pa.string()))
    assert together.values.to_pylist() == [each.values[0].as_py() for each in alone]


@given(st.lists(st.text(alphabet="0159+-. \t,_()", max_size=5), min_size=1))
def test_a_text_without_letters_that_is_an_integer_is_a_number(texts: list[str]) -> None:
    """So a column without letters is not cast twice."""
    for text in texts:
        try:
            pa.array([text]).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
        pa.array([text]).cast(pa.float64())


PATTERNS = [
    r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "[A-Z0-9-]+",
    "a*",
    "a|b",
    "(?:ab?)+|[^ab]",
    "(a)?.",
    r"[^\s]*-\S?",
    r"\w+|\d{2,3}|\.",
    "[^a]*",
    "()",
]
OTHER_PATTERNS = [
    r"a\nb", r"[\s]", r"\s", r"\D*", r"\W", "(?s).*", "(?i)A", "a)|(?:b", "a$", "^a",
    r"\x0a", "[^-a]*", "[!-a\n]*", r"\Ba", r"\C*", r"\pL", "[[:space:]]*", r"[\t-z]*",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS + OTHER_PATTERNS)
@settings(max_examples=60)
@given(texts=TEXTS | st.lists(st.text(alphabet="aAb@.-1\n", max_size=4), min_size=1, max_size=4))
def test_joined_texts_match_only_as_each_of_them_does(
    pattern: str, texts: list[str | None]
) -> None:
    array = column(texts)
    alone = pc.match_substring_regex(array, rf"\A(?:{pattern})\z")
    assert pc.all(alone).as_py() is not False or not all_match(pattern, array)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_asked_of_all_texts_at_once(pattern: str) -> None:
    texts = ["a", "b", "ab", "x", "12", "A-1", "a@b.c", "-", ".", ""]
    alone = pc.match_substring_regex(column(texts), rf"\A(?:{pattern})\z").to_pylist()
    good = [text for text, matches in zip(texts, alone, strict=True) if matches]
    assert good
    assert all_match(pattern, column([*good, None, *good]))
    assert not all_match(pattern, column([*good, "a b@\u1ea1"]))


@pytest.mark.parametrize("pattern", OTHER_PATTERNS)
def test_a_pattern_that_may_reach_over_a_line_is_asked_of_each_text(pattern: str) -> None:
    assert not all_match(pattern, column(["a"]))
