"""Step 1: what a match of headers says, as a mapping that can be sent back and saved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from import_targets import header_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_targets import MatchedHeader


def suggested_mapping(headers: Sequence[MatchedHeader]) -> dict[str, str | None]:
    """Return for each column what it should feed: by header, and by letter where that tells more.

    A column that neither can name is left out.
    """
    keys = Counter(header_key(found.header) for found in headers)
    texts = {header_key(found.header) for found in headers}
    mapping: dict[str, str | None] = {}
    for found in headers:
        key = header_key(found.header)
        if key and keys[key] == 1:
            mapping[found.header.strip()] = found.suggested
        elif header_key(found.letter) not in texts:
            mapping[found.letter] = found.suggested
    return mapping
