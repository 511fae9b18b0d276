"""Texts survive the trip through a cell's XML."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsx_writer.text_escapes import escape_attribute, fits_a_cell, text_element

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
# Texts made mostly of what is dangerous: escapes in full and in pieces, controls, surrogates.
_SINGLE = " \t\r\n\x00\x0b&<>\"'xaFéế😀\ufffe\uffff"
_PIECES = st.sampled_from(
    ["_", "_x", "0041", "_x0041", "_x0041_", "x005F_", "]]>", "\ud800", *_SINGLE]
)
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=12).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=30),
)


def decoded(element: str) -> str:
    """What a reader sees: XML first, then ST_Xstring (ECMA-376 part 1, 22.9.2.19)."""
    text = ET.fromstring(element.encode()).text or ""  # noqa: S314 - our own XML
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)


@given(_TEXTS)
def test_every_text_is_read_back_as_it_was_written(text: str) -> None:
    assert decoded(text_element(text)) == text


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("plain", "<t>plain</t>"),
        ("a & b < c > d", "<t>a &amp; b &lt; c &gt; d</t>"),
        (" lead", '<t xml:space="preserve"> lead</t>'),
        ("trail\n", '<t xml:space="preserve">trail\n</t>'),
        ("two\nlines", "<t>two\nlines</t>"),
        ("\x01", "<t>_x0001_</t>"),
        ("a\rb", "<t>a_x000D_b</t>"),
        ("_x0041_", "<t>_x005F_x0041_</t>"),
        ("_x00", "<t>_x00</t>"),
        ("\ud800", "<t>_xD800_</t>"),
        ("", "<t></t>"),
    ],
)
def test_a_text_is_written_the_way_excel_writes_it(text: str, element: str) -> None:
    assert text_element(text) == element


def test_a_control_after_a_half_escape_does_not_complete_it() -> None:
    """The escape of a control begins with "_", which could end an escape that is only text."""
    assert decoded(text_element("_x0041\x01")) == "_x0041\x01"


def test_an_attribute_keeps_its_quotes() -> None:
    assert escape_attribute('a "b" & c') == "a &quot;b&quot; &amp; c"


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 32_767, True), ("x" * 32_768, False), ("😀" * 16_383, True), ("😀" * 16_384, False)],
)
def test_excel_counts_utf16_units(text: str, fits: bool) -> None:
    assert fits_a_cell(text) is fits
