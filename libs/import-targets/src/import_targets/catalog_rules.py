"""Defaults and CHECK constraints that say what a target file can say too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from import_targets.scalar_values import scalar_of

if TYPE_CHECKING:
    from import_targets.column_types import ColumnType

_CAST: Final = (
    r'::[a-z0-9_."]+(?: varying| precision| with(?:out)? time zone)?'
    r"(?:\(\d+(?:,\d+)?\))?(?:\[\])?"
)
_LITERAL: Final = re.compile(
    rf"\(*(?:'((?:[^']|'')*)'|([-+]?[0-9.]+|true|false))\)*(?:{_CAST})?\)*"
)
_LIST_ITEM: Final = re.compile(rf"'((?:[^']|'')*)'(?:{_CAST})?(?:, |$)")
_BOUND: Final = re.compile(r"(\w+) (>=|<=|>|<) '?([-+]?[0-9.]+|\d{4}-\d\d-\d\d[0-9: ]*)'?")
_LENGTH: Final = re.compile(r"(?:char_|character_)?length(\w+) (>=|<=|>|<) (\d+)")
_STEPS: Final = {">=": ("min", 0), ">": ("min", 1), "<=": ("max", 0), "<": ("max", -1)}


def literal_of(expression: str) -> str | None:
    """Return the text of a default that is one plain value, None of anything that is computed."""
    found = _LITERAL.fullmatch(expression.strip())
    if found is None:
        return None
    return found[2] if found[1] is None else found[1].replace("''", "'")


def default_text(kind: ColumnType, expression: str) -> str | None:
    """Return a default as a target file may have it, None when it cannot."""
    text = literal_of(expression)
    if text is None:
        return None
    try:
        scalar_of(kind, text)
    except ValueError:
        return None
    return text


def rules_of_check(name: str, kind: ColumnType, expression: str) -> dict[str, Any] | None:
    """Return settings of a column that say what its CHECK says, None when none do so exactly."""
    if kind.kind == "text" and (values := _listed(name, expression)):
        return {"enum": values}
    if re.search(rf"\b{name}\)?::(?!text\b)", expression):
        return None  # the rule is about another value than the column's
    rules: dict[str, Any] = {}
    for part in expression.split(" AND "):
        rule = _rule(name, kind, _bare(part))
        if rule is None or rule[0] in rules:
            return None
        rules[rule[0]] = rule[1]
    return rules


def _bare(expression: str) -> str:
    """Return an expression without brackets and casts."""
    return re.sub(r"[()]", "", re.sub(_CAST, "", expression)).strip()


def _listed(name: str, expression: str) -> list[str]:
    head, separator, rest = expression.partition("ARRAY[")
    items, end, _ = rest.rpartition("]")
    if items.endswith("["):  # the cast of the whole list: ])::text[]
        items, end, _ = items.rpartition("]")
    if not separator or not end or _bare(head) != f"{name} = ANY":
        return []
    values = [found[1].replace("''", "'") for found in _LIST_ITEM.finditer(items)]
    whole = "".join(found[0] for found in _LIST_ITEM.finditer(items))
    return values if whole == items else []


def _rule(name: str, kind: ColumnType, part: str) -> tuple[str, Any] | None:
    if (found := _LENGTH.fullmatch(part)) and found[1] == name and kind.kind == "text":
        end, step = _STEPS[found[2]]
        return f"{end}_length", int(found[3]) + step
    found = _BOUND.fullmatch(part)
    if found is None or found[1] != name or not kind.has_range:
        return None
    end, step = _STEPS[found[2]]
    if step and not kind.is_integer:
        return None
    bound = str(int(found[3]) + step) if step and found[3].lstrip("+-").isdigit() else found[3]
    try:
        scalar_of(kind, bound)
    except ValueError:
        return None
    return end, bound
