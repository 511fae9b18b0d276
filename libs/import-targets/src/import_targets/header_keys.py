"""What two spellings of one header have in common, and what two sheets of the same headers have."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Letters that Unicode does not decompose into a plain one and an accent.
_UNDECOMPOSED: Final = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "\u0131": "i"})
_DASHES: Final = frozenset("_-\u2010\u2011\u2012\u2013\u2014\u2015")


def header_words(header: str) -> tuple[str, ...]:
    """Return the words of a header, without case and accents.

    Spaces, underscores and hyphens stand between words: `Đơn-giá` is `don` and `gia`. A NUL is no
    letter: what PostgreSQL keeps of a header has none.
    """
    plain = unicodedata.normalize("NFKD", header.casefold()).translate(_UNDECOMPOSED)
    spaced = (
        " " if c in _DASHES else c for c in plain if c != "\0" and not unicodedata.combining(c)
    )
    return tuple("".join(spaced).casefold().split())


def header_key(header: str) -> str:
    """Return what two spellings of one header have in common.

    Case, accents, spaces, underscores and hyphens do not count: `E-Mail` is `email`, and
    `Đơn giá` is `don_gia`.
    """
    return "".join(header_words(header))


def header_signature(headers: Iterable[str]) -> bytes:
    """Return the 32 bytes that sheets with the same headers share, whatever their order.

    Blank headers do not count, headers that are there twice count twice.
    """
    keys = sorted(key for key in map(header_key, headers) if key)
    return hashlib.sha256("\0".join(keys).encode(errors="surrogatepass")).digest()
