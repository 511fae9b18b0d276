"""Step 1: what a match of headers says, as a mapping that can be sent back and saved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from import_targets import header_key
from sluice.job_layout import column_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_targets import MatchedHeader


def mapping_keys(headers: Sequence[tuple[int, str]]) -> list[str | None]:
    """Return how a mapping names each column: by header, and by letter where that tells more.

    A header of signs alone, such as `-`, is only told apart as it is written. None: neither can
    name it.
    """
    keys = [header_key(header) or header.strip() for _, header in headers]
    often = Counter(keys)
    named: list[str | None] = []
    for (index, header), key in zip(headers, keys, strict=True):
        letter = column_letter(index)
        if key and often[key] == 1:
            named.append(header.strip())
        else:
            named.append(letter if header_key(letter) not in often else None)
    return named


def suggested_mapping(headers: Sequence[MatchedHeader]) -> dict[str, str | None]:
    """Return for each column what it should feed; a column that cannot be named is left out."""
    keys = mapping_keys([(found.index, found.header) for found in headers])
    return {
        key: found.suggested for key, found in zip(keys, headers, strict=True) if key is not None
    }
