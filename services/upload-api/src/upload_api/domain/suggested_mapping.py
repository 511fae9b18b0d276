"""Step 1: what a match of headers says, as a mapping that can be sent back and saved."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from import_targets import header_key
from sluice.job_layout import column_letter
from upload_api.domain.upload_form import MAX_MAPPING_BYTES, can_be_said

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from import_targets import MatchedHeader


Column: TypeAlias = "tuple[int, str, str | None]"
"""Its 0-based index, its header, and the field that a mapping says it feeds."""


def mapping_keys(columns: Sequence[Column]) -> list[str | None]:
    """Return how a mapping names each column: by header, and by letter where that tells more.

    A header of signs alone, such as `-`, is only told apart as it is written, and one that no
    mapping can hold by its letter. None: a mapping cannot say this of the column, or of that and
    of all before it; sent back without it, the column is matched by its header again.
    """
    keys = [header_key(header) or header.strip() for _, header, _ in columns]
    often = Counter(keys)
    named: list[str | None] = []
    left_bytes = MAX_MAPPING_BYTES - len('{"columns": {}}')
    for (index, header, field), key in zip(columns, keys, strict=True):
        name = _name(index, header.strip() if often[key] == 1 else "", often)
        if name is not None and (field is None or can_be_said(field)):
            left_bytes -= len(json.dumps({name: field}))
        else:
            name = None
        named.append(name if left_bytes >= 0 else None)
    return named


def _name(index: int, header: str, keys: Container[str]) -> str | None:
    if can_be_said(header):
        return header
    letter = column_letter(index)
    return letter if header_key(letter) not in keys else None


def suggested_mapping(headers: Sequence[MatchedHeader]) -> dict[str, str | None]:
    """Return for each column what it should feed; a column that cannot be named is left out."""
    keys = mapping_keys([(found.index, found.header, found.suggested) for found in headers])
    return {
        key: found.suggested for key, found in zip(keys, headers, strict=True) if key is not None
    }
