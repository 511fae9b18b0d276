"""What many raw texts of a sheet mean, joined into one for as long as that will do."""

from collections.abc import Sequence

from xlsx_reader.text_escapes import decode_escapes
from xlsx_reader.xml_text import decode_entities, decode_text

_BETWEEN = b"\0"  # XML forbids it, in raw texts and as a reference
# One byte is looked for as a number: b"&" in … makes and drops an exception first.
_AMPERSAND, _UNDERSCORE = ord("&"), ord("_")
_ESCAPE = b"_x"
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}


def meant_texts(raws: Sequence[bytes], *, may_have_escapes: bool) -> Sequence[bytes]:
    """What each text means, in UTF-8; with `may_have_escapes`, Excel's own are resolved too.

    Raises:
        UnicodeDecodeError: one of them is no UTF-8.
        MalformedText: one of them has a reference that XML does not know.
    """
    joined = _BETWEEN.join(raws)
    if not joined.isascii():
        joined.decode()
    if _AMPERSAND in joined:
        resolved = _resolved(joined)
        if resolved is None:
            decode = decode_text if may_have_escapes else decode_entities
            return [
                decode(raw.decode()).encode()
                if _AMPERSAND in raw or raw.find(_ESCAPE) >= 0
                else raw
                for raw in raws
            ]
        joined, raws = resolved, resolved.split(_BETWEEN)
    if may_have_escapes and _UNDERSCORE in joined and _ESCAPE in joined:
        return [
            raw if raw.find(_ESCAPE) < 0 else decode_escapes(raw.decode()).encode() for raw in raws
        ]
    return raws


def _resolved(joined: bytes) -> bytes | None:
    """The texts without references; None when there are others than the named ones."""
    first, *behind = joined.split(b"&")
    pieces = [first]
    for text in behind:
        name, semicolon, rest = text.partition(b";")
        if not semicolon or name not in _NAMED:
            return None
        pieces += (_NAMED[name], rest)
    return b"".join(pieces)
