"""The cells of a column as JSON members (`"header":value`), for the target `records`."""

from __future__ import annotations

import json
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, holds, nonblank
from import_targets.to_booleans import to_booleans
from import_targets.to_texts import to_texts
from sluice.events.cell_tags import CellTag

_JSON_NUMBER: Final = r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?\z"
"""With exponents that PostgreSQL's numeric holds; any other number becomes a string."""
_CONTROLS: Final = bytes(range(1, 32))
_SHORT_ESCAPES: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json_members(header: str, tag: CellTag, texts: pa.StringArray, *, date_1904: bool) -> Converted:
    """Return members, null for empty cells; numbers keep the stored digits."""
    key = json.dumps(header, ensure_ascii=False) + ":"
    if tag is CellTag.NUMBER:
        return Converted(_numbers(key, texts))
    if tag is CellTag.BOOL:
        flags = to_booleans(texts)
        words = pc.if_else(flags.values, pa.scalar(f"{key}true"), pa.scalar(f"{key}false"))
        return Converted(words, flags.faults)
    if tag is CellTag.TEXT:
        return Converted(_strings(key, escaped(nonblank(texts))))
    spelled = to_texts(tag, texts, date_1904=date_1904)
    return Converted(_strings(key, escaped(spelled.values)), spelled.faults)


def json_objects(members: list[pa.StringArray], rows: int) -> pa.StringArray:
    """Return one JSON object for each row, without the members that are null there."""
    if not members:
        return pa.repeat("{}", rows)
    if all(column.null_count for column in members):
        # Arrow 26 drops the rows in which all that it joins is null.
        blank = pc.coalesce(*members).is_null()
        members = [pc.if_else(blank, pa.scalar(""), members[0]), *members[1:]]
    inner = pc.binary_join_element_wise(*members, ",", null_handling="skip")
    return pc.binary_join_element_wise("{", inner, "}", "")


def _numbers(key: str, texts: pa.StringArray) -> pa.StringArray:
    plain = pc.match_substring_regex(texts, _JSON_NUMBER)
    numbers = pc.binary_join_element_wise(key, texts, "")
    if pc.all(plain).as_py():
        return numbers
    return pc.if_else(holds(plain), numbers, _strings(key, escaped(texts)))


def _strings(key: str, texts: pa.StringArray) -> pa.StringArray:
    return pc.binary_join_element_wise(f'{key}"', texts, '"', "")


def escaped(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts as JSON strings have them between their quotes."""
    data = texts.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    if b"\\" in raw:
        texts = pc.replace_substring(texts, "\\", "\\\\")
    if b'"' in raw:
        texts = pc.replace_substring(texts, '"', '\\"')
    if len(raw.translate(None, _CONTROLS)) < len(raw):
        for character in sorted({chr(byte) for byte in raw if byte in _CONTROLS}):
            escape = _SHORT_ESCAPES.get(character, f"\\u{ord(character):04x}")
            texts = pc.replace_substring(texts, character, escape)
    return texts
