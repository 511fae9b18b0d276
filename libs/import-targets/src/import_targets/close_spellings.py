"""Step 1: headers that no field knows may be misspelt: which field is meant, and how surely."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from import_targets.header_keys import header_words
from import_targets.typing_slips import is_slip

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from import_targets.definition import TargetColumn

LIKE: Final = 0.7
"""From here on a spelling is worth a suggestion: a third of its letters may be wrong."""
_CLEARLY: Final = 0.05
"""By so much a suggestion must be nearer than any other, of a field or of a header."""
_MORE_CLEARLY: Final = 0.1
"""The same, to be used without being asked for."""
_MOST: Final = 0.99
_REORDERED: Final = 0.05
"""What other order of words costs."""
_MOST_LETTERS: Final = 100
_FEWEST_LETTERS: Final = 3
_NUMBERS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseField:
    """The field that a header seems to mean; `is_sure` allows to feed it without asking."""

    field: str
    confidence: float
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How like a header one spelling of a field is."""

    score: float
    is_slip: bool


def close_fields(
    columns: Sequence[TargetColumn], headers: Iterable[tuple[int, str]], fed: Collection[str | None]
) -> dict[int, CloseField]:
    """Return, for some of the headers by their 0-based column, the field that each seems to mean.

    Args:
        columns: all of the target: also a field that is fed already may be the nearest.
        headers: those that nothing knows.
        fed: the fields that others feed.
    """
    likenesses = _likenesses(columns, headers)
    found = {}
    for index, fields in likenesses.items():
        field = max(fields, key=lambda name: fields[name].score)
        likeness = fields[field]
        others = [other.score for name, other in fields.items() if name != field]
        others += [
            like[field].score for k, like in likenesses.items() if k != index if field in like
        ]
        lead = likeness.score - max(others, default=0.0)
        if field not in fed and lead >= _CLEARLY:
            found[index] = CloseField(
                field=field,
                confidence=round(min(likeness.score, _MOST), 2),
                is_sure=likeness.is_slip and lead >= _MORE_CLEARLY,
            )
    return found


def _likenesses(
    columns: Sequence[TargetColumn], headers: Iterable[tuple[int, str]]
) -> dict[int, Mapping[str, _Likeness]]:
    spellings = [
        (column.name, header_words(spelling))
        for column in columns
        for spelling in (column.name, *column.aliases)
    ]
    found: dict[int, Mapping[str, _Likeness]] = {}
    for index, header in headers:
        if len(header) <= _MOST_LETTERS and (like := _like(header_words(header), spellings)):
            found[index] = like
    return found


def _like(
    words: tuple[str, ...], spellings: Sequence[tuple[str, tuple[str, ...]]]
) -> dict[str, _Likeness]:
    """Return the fields that have any spelling like the words."""
    if len("".join(words)) < _FEWEST_LETTERS:
        return {}
    numbers = _numbers(words)
    found: dict[str, _Likeness] = {}
    for penalty, ordered in ((0.0, tuple), (_REORDERED, sorted)):
        choices = ["".join(ordered(known)) for _, known in spellings]
        near = process.extract(
            "".join(ordered(words)),
            choices,
            scorer=OSA.normalized_similarity,
            score_cutoff=LIKE + penalty,
            limit=None,
        )
        for _, score, at in near:
            field, known = spellings[at]
            likeness = _Likeness(score - penalty, is_slip(words, known))
            best = found.get(field)
            # address1 and address2 are as near as can be, and never meant for each other
            if _numbers(known) == numbers and (best is None or best.score < likeness.score):
                found[field] = likeness
    return found


def _numbers(words: tuple[str, ...]) -> list[str]:
    return _NUMBERS.findall(" ".join(words))
