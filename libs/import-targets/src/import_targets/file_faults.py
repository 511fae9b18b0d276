"""Gathers what is wrong with one target file, and reads its scalars on the way."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_YES: Final = frozenset({"true", "yes", "on"})
_PERCENT: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_ALL: Final = 100
_NO: Final = frozenset({"false", "no", "off"})


@dataclass(slots=True)
class Faults:
    """The faults of one file, in the order in which they were found.

    Every scalar of the file comes as the text that is written there, so that a currency `NO` is
    no boolean and a bound `0.10` no binary fraction.
    """

    file: str
    messages: list[str] = field(default_factory=list)

    def add(self, column: str | None, message: str) -> None:
        where = f"{self.file}: column {column}" if column else self.file
        self.messages.append(f"{where}: {message}")

    def unknown_keys(self, column: str | None, raw: dict[str, Any], known: Iterable[str]) -> None:
        names = sorted(known)
        for key in raw:
            if key not in names:
                close = difflib.get_close_matches(str(key), names, n=1)
                hint = f"write '{close[0]}'" if close else f"use {', '.join(names)}"
                self.add(column, f"'{key}' is no known setting; {hint}")

    def flag(self, column: str | None, raw: dict[str, Any], key: str, *, default: bool) -> bool:
        text = raw.get(key)
        if text is None:
            return default
        if isinstance(text, str) and text.lower() in _YES | _NO:
            return text.lower() in _YES
        self.add(column, f"{key} is '{text}'; write true or false")
        return default

    def length(self, column: str, raw: dict[str, Any], key: str) -> int | None:
        text = raw.get(key)
        if text is None:
            return None
        if isinstance(text, str) and text.isascii() and text.isdigit():
            return int(text)
        self.add(column, f"{key} is '{text}'; write a whole number of characters")
        return None

    def percent(self, raw: dict[str, Any], key: str) -> float | None:
        text = raw.get(key)
        if text is None:
            return None
        if isinstance(text, str) and _PERCENT.fullmatch(text) and float(text) <= _ALL:
            return float(text)
        self.add(None, f"{key} is '{text}'; write a number from 0 to 100, such as 2.5")
        return None

    def texts(self, column: str | None, raw: dict[str, Any], key: str) -> tuple[str, ...]:
        value = raw.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.add(column, f"{key} is '{value}'; write a list such as [a, b]")
        return ()

    def text(self, column: str | None, raw: dict[str, Any], key: str) -> str | None:
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.add(column, f"{key} must be one text, not {type(value).__name__}")
        return None
