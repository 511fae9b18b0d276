"""Rows as aligned columns: for people, and for `awk`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


QUIET = click.option("-q", "--quiet", is_flag=True, help="Only the ids, for other commands.")


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def echo_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a heading and rows; numbers stand at the right, nothing is cut off."""
    cells = [[_text(value) for value in row] for row in rows]
    right = [_is_numeric(row[k] for row in cells) for k in range(len(names))]
    widths = [max(len(name), *(len(row[k]) for row in cells), 0) for k, name in enumerate(names)]
    for row in [list(names), *cells]:
        told = [
            text.rjust(width) if at_right else text.ljust(width)
            for text, width, at_right in zip(row, widths, right, strict=True)
        ]
        click.echo("  ".join(told).rstrip())


def echo_members(members: Mapping[str, object]) -> None:
    """Print names and values below each other."""
    width = max((len(name) for name in members), default=0)
    for name, value in members.items():
        click.echo(f"{name.ljust(width)}  {_text(value)}")


def moment(text: str | None) -> str:
    """Return a time of the server's to the second, in UTC as it came."""
    return text[:19].replace("T", " ") if text else ""


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _is_numeric(texts: Iterable[str]) -> bool:
    held = [text for text in texts if text != "-"]
    return bool(held) and all(text.replace(",", "").isdigit() for text in held)
