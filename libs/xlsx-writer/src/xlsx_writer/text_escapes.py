"""Text as the XML of a cell: every character comes back as it was given, or the text is refused."""

import re

# Excel's own limit on one cell; Excel counts UTF-16 units, so an emoji counts twice.
MAX_CELL_CHARS = 32_767

# What XML 1.0 cannot carry, or changes on the way (a bare CR is read back as LF). Such a character
# is written _xHHHH_ (ECMA-376 part 1, 22.9.2.19, ST_Xstring).
_UNCARRIED = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
# A literal underscore that would read as the start of such an escape is escaped itself. The second
# alternative after the four digits: our own escape of the next character begins with "_" as well.
_LITERAL_ESCAPE = f"_(?=x[0-9A-Fa-f]{{4}}[_{_UNCARRIED}])"
_SPECIAL = re.compile(f"[&<>{_UNCARRIED}]|{_LITERAL_ESCAPE}")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return _NAMED.get(char) or f"_x{ord(char):04X}_"


def escape_text(text: str) -> str:
    """The text as the content of a ``<t>`` element (without the element)."""
    return _SPECIAL.sub(_escaped, text)


def text_element(text: str) -> str:
    """The text as a whole ``<t>`` element; white space at either end is kept."""
    escaped = _SPECIAL.sub(_escaped, text)
    if text[:1].isspace() or text[-1:].isspace():
        return f'<t xml:space="preserve">{escaped}</t>'
    return f"<t>{escaped}</t>"


def escape_attribute(text: str) -> str:
    """The text inside a double-quoted attribute."""
    return escape_text(text).replace('"', "&quot;")


def utf16_units(text: str) -> int:
    """The length as Excel counts it."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fits_a_cell(text: str) -> bool:
    """Whether Excel can hold the text in one cell."""
    return 2 * len(text) <= MAX_CELL_CHARS or utf16_units(text) <= MAX_CELL_CHARS
