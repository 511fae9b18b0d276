"""What a user says of a text file, from the words that a form or a command line has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from csv_reader.dialect import DELIMITER_NAMES, ENCODINGS, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from csv_reader.dialect import DecimalMark

T = TypeVar("T")

_ENCODINGS: Final = {codec: name for name, codec in ENCODINGS.items()} | {n: n for n in ENCODINGS}
_DELIMITERS: Final = {name: delimiter for delimiter, name in DELIMITER_NAMES.items()}
_DECIMALS: Final[dict[str, DecimalMark]] = {"point": ".", "comma": ","}
KNOWN_WISHES: Final = {
    "encoding": tuple(ENCODINGS),
    "delimiter": tuple(_DELIMITERS),
    "decimal": tuple(_DECIMALS),
}


class WishUnknown(Exception):
    """There is no such encoding, delimiter or decimal mark; `known` are those there are."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(field, value)
        self.field = field
        self.known = KNOWN_WISHES[field]
        self.message = (
            f"There is no {field} {value[:100]!r}; the known ones: {', '.join(self.known)}."
        )

    def __str__(self) -> str:
        return self.message


def read_wish(words: Mapping[str, str | None]) -> Wish:
    """Return the wish; a delimiter may be named or be the character itself.

    Raises:
        WishUnknown: a word that means nothing, for the first such field.
    """
    return Wish(
        encoding=_known(words, "encoding", _ENCODINGS),
        delimiter=_known(words, "delimiter", _DELIMITERS | {c: c for c in DELIMITER_NAMES}),
        decimal=_known(words, "decimal", _DECIMALS | {".": ".", ",": ","}),
    )


def _known(words: Mapping[str, str | None], field: str, meanings: Mapping[str, T]) -> T | None:
    word = words.get(field)
    if not word:
        return None
    meaning = meanings.get(word.lower())
    if meaning is None:
        raise WishUnknown(field, word)
    return meaning
