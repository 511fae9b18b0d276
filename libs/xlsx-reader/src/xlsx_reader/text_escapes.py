"""Step 2: what stands in XML and in Excel's own escapes becomes the text a user sees."""

from __future__ import annotations

import re
from typing import Final

XML_SPACE: Final = " \t\n\r"
# Characters XML 1.0 forbids outright; inside a character class of a regular expression.
FORBIDDEN: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f"

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
# A run of escapes at once, so that the two halves of a surrogate pair meet.
_ESCAPES = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_REPLACEMENT = "\ufffd"


def unescape_xml(text: str) -> str | None:
    """Decode entity and character references; None when one of them is not plain XML 1.0."""
    found = _REFERENCE.findall(text)
    if len(found) != text.count("&"):
        return None
    for _, decimal, hexadecimal in found:
        if (decimal or hexadecimal) and not _is_xml_char(decimal, hexadecimal):
            return None
    return _REFERENCE.sub(_decoded, text)


def decode_escapes(text: str) -> str:
    """Decode Excel's `_xHHHH_` (ECMA-376 part 1, 22.9.2.19), each a UTF-16 unit.

    Half a surrogate pair is no character and cannot be stored: it becomes U+FFFD. NUL stays NUL:
    the consumer says which row holds it.
    """
    return _ESCAPES.sub(_decoded_units, text) if "_x" in text else text


def _is_xml_char(decimal: str, hexadecimal: str) -> bool:
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF  # noqa: PLR2004 - the ranges of XML 1.0, 2.2
        or 0xE000 <= code <= 0xFFFD  # noqa: PLR2004
        or 0x10000 <= code <= 0x10FFFF  # noqa: PLR2004
    )


def _decoded(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    return chr(int(decimal) if decimal else int(hexadecimal, 16))


def _decoded_units(match: re.Match[str]) -> str:
    run = match.group()
    units = b"".join(int(run[at : at + 4], 16).to_bytes(2, "big") for at in range(2, len(run), 7))
    # An unpaired half at the end of the run is "truncated" to the codec: "replace" covers both.
    return units.decode("utf-16-be", "replace").replace(_REPLACEMENT * 2, _REPLACEMENT * 2)
