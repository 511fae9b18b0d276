"""The options of text files, which `import` and `check` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from csv_reader import KNOWN_WISHES

if TYPE_CHECKING:
    from collections.abc import Callable

_HELP = {
    "encoding": "Of a CSV or TSV file; else told by its head.",
    "delimiter": "Between the cells of a text file; else told by its head.",
    "decimal": "The decimal mark of a text file; else told by its head.",
}


def text_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --encoding, --delimiter and --decimal to a command."""
    for name, known in reversed(KNOWN_WISHES.items()):
        kind = click.Choice(known, case_sensitive=False)
        command = click.option(f"--{name}", type=kind, help=_HELP[name])(command)
    return command
