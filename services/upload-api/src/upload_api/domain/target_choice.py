"""Step 1: which target a sheet's headers fit best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from import_targets import find_header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from import_targets import HeaderMatch, TargetDefinition
    from import_targets.header_search import HeadRows

FITS: Final = 0.5
"""Below it nothing fits: any sheet can go into `records`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingTarget:
    """A target, and from 0 to 1 how well a sheet fits it."""

    name: str
    score: float
    missing_required: tuple[str, ...]


def fitting_targets(
    targets: Iterable[TargetDefinition], rows: HeadRows
) -> tuple[FittingTarget, ...]:
    """Return the targets with columns of their own, the best first; those of no likeness not."""
    found = []
    for target in targets:
        header = find_header(target, rows) if target.kind == "typed" else None
        if header is None:
            continue
        score = _score(target, header.match)
        if score > 0:
            missing = header.match.missing_required
            found.append(FittingTarget(name=target.name, score=score, missing_required=missing))
    return tuple(sorted(found, key=lambda one: (-one.score, one.name)))


def _score(target: TargetDefinition, match: HeaderMatch) -> float:
    """Return the harmonic mean of what of the sheet is taken and what of the target is fed.

    A table of three columns that a sheet of thirty happens to hold is no good fit, nor is one of
    thirty required fields of which three are there.
    """
    filled = [found for found in match.headers if found.header.strip()]
    needed = {c.name for c in target.columns if c.required} or {c.name for c in target.columns}
    taken = sum(found.confidence for found in filled if found.field is not None)
    fed = sum(found.confidence for found in match.headers if found.field in needed)
    if not filled or not taken or not fed:
        return 0.0
    of_sheet, of_target = taken / len(filled), min(1.0, fed / len(needed))
    return round(2 * of_sheet * of_target / (of_sheet + of_target), 3)
