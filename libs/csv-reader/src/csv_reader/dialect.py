"""How a text file is to be read: decided on its head, shown to the user, kept with the job."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final, Literal

DecimalMark = Literal[".", ","]

DELIMITER_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""In the order of preference; `sep=` in a file's first line may name any other character."""

_WINDOWS: Final = (1252, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)
ONE_BYTE_PAGES: Final = {f"windows-{page}": f"cp{page}" for page in (*_WINDOWS, 874)}
"""What a guess may come to, by the name that people know; the value is Python's."""
TWO_BYTE_PAGES: Final = {
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "gb18030": "gb18030",
    "big5": "cp950",
}
UNICODE: Final = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}
_ONLY_BY_WISH: Final = {
    "iso-8859-1": "latin-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-15": "iso8859-15",
    "koi8-r": "koi8-r",
    "ibm437": "cp437",
    "ibm850": "cp850",
    "macintosh": "mac-roman",
}
ENCODINGS: Final = UNICODE | ONE_BYTE_PAGES | TWO_BYTE_PAGES | _ONLY_BY_WISH

# The longest first: the mark of UTF-16 is the beginning of that of UTF-32.
BYTE_ORDER_MARKS: Final = {
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Everything the reader has to be told; `encoding` is a key of `ENCODINGS`.

    `decimal` is what stands between units and tenths; the reader leaves cells as they are, it is
    for whoever makes numbers of them.
    """

    encoding: str
    delimiter: str
    quote: str = '"'
    decimal: DecimalMark = "."

    @property
    def codec(self) -> str:
        return ENCODINGS[self.encoding]

    @property
    def byte_order_mark(self) -> bytes:
        return BYTE_ORDER_MARKS.get(self.encoding, b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user said of a file; None is left to its head."""

    encoding: str | None = None
    delimiter: str | None = None
    decimal: DecimalMark | None = None


def dialect_name(dialect: Dialect) -> str:
    """Return a dialect in words: `utf-8 text, cells between semicolons, decimal point`."""
    known = DELIMITER_NAMES.get(dialect.delimiter)
    between = f"{known}s" if known else f"the character {dialect.delimiter!r}"
    mark = "comma" if dialect.decimal == "," else "point"
    return f"{dialect.encoding} text, cells between {between}, decimal {mark}"
