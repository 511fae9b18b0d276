"""Which misspelt words are surely a slip of the fingers, and not another word.

Among the 15,000 commonest English words (of wordfreq) about 130 pairs differ by a slip as defined
here; those that may head columns of their own are listed below. One wrong letter is no slip:
thousands of pairs of words differ by that, and so do `order_id` and `order_ic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LETTERS: Final = 8
_LETTERS_DOUBLED: Final = 7
_LISTED: Final = """
addiction addition altitude latitude apologies apologise arising raising carriers carries
chargers charges cleaning cleansing compete complete competed completed competing completing
compiled complied complaint compliant contact contract contacted contracted contacting
contracting contacts contracts continent contingent counties countries county country deceased
decreased deprived derived desert dessert divided dividend eternal external faction fraction
farming framing filing filling founding funding handing handling indicated indicted leaning
learning license licensee licenses licensees lighting lightning managers manages marital martial
mediation meditation medication morality mortality needles needless officers offices patents
patients producers produces providers provides publishers publishes receivers receives refuge
refugee remainder reminder retire retiree retirees retires seating selling spelling sending
spending setting settling simulation stimulation starting stating striped stripped suppliers
supplies teachers teaches thorough through tracing tracking transit transmit villagers villages
weighed weighted
"""
_OTHER_WORDS: Final = frozenset(_LISTED.split())


def is_slip(written: Sequence[str], meant: Sequence[str]) -> bool:
    """Return whether words differ from those that were meant by one slip in one long word.

    A slip is a letter too many, a letter missing or two neighbours swapped, not at either end of
    the word.
    """
    if len(written) != len(meant):
        return False
    unlike = [(one, other) for one, other in zip(written, meant, strict=True) if one != other]
    return len(unlike) == 1 and _is_slip(*unlike[0])


def _is_slip(one: str, other: str) -> bool:
    if not (one.isalpha() and other.isalpha()) or {one, other} & _OTHER_WORDS:
        return False
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return len(long) >= _LETTERS and _is_swapped(short, long)
    if len(short) + 1 < len(long):
        return False
    at = next((k for k, letter in enumerate(short) if letter != long[k]), len(short))
    if short[at:] != long[at + 1 :] or at in {0, len(short)}:
        return False
    enough = _LETTERS_DOUBLED if long[at] == long[at - 1] else _LETTERS
    return len(long) >= enough


def _is_swapped(one: str, other: str) -> bool:
    unlike = [k for k, letter in enumerate(one) if letter != other[k]]
    if len(unlike) != 2 or unlike[0] + 1 != unlike[1]:  # noqa: PLR2004  (a pair of neighbours)
        return False
    first, second = unlike
    inside = first > 0 and second < len(one) - 1
    return inside and one[first] == other[second] and one[second] == other[first]
