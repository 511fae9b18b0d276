"""Step 1: finds the header among the first rows of a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from import_targets.header_match import HeaderMatch, match_headers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from import_targets.definition import TargetDefinition
    from import_targets.header_mapping import HeaderMapping

HeadRows: TypeAlias = "Sequence[tuple[int, Sequence[str | None]]]"
"""The first rows that hold anything: sheet line, and texts from column A on."""
_NO_MAPPING: Final[Mapping[str, str | None]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHeader:
    """The header row and what it matches; its match may have faults."""

    line: int
    match: HeaderMatch


def find_header(
    definition: TargetDefinition, rows: HeadRows, mapping: HeaderMapping = _NO_MAPPING
) -> FoundHeader | None:
    """Return the header, None when no row has a text.

    It is the first of the rows that fits the target without a fault, so titles and notes may stand
    above it. When none fits, it is the row that feeds the most fields, of several the first, whose
    faults are then told. Any row fits `records`: there it is always the first.
    """
    best = None
    for line, texts in rows:
        if not any((text or "").strip() for text in texts):
            continue
        headers = [(at, text or "") for at, text in enumerate(texts)]
        match = match_headers(definition, headers, mapping, guess=False)
        if best is None or match.fed:
            # Guessing takes 0.3 s for 500 headers and 500 fields: not for every row of data
            match = match_headers(definition, headers, mapping)
        header = FoundHeader(line=line, match=match)
        if not match.faults or definition.kind == "records":
            return header
        if best is None or match.fed > best.match.fed:
            best = header
    return best
