"""What `sluice targets show` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.tables import echo_members, echo_table
from import_targets import column_help

if TYPE_CHECKING:
    from import_targets import TargetDefinition


def echo_target(target: TargetDefinition) -> None:
    """Print a target's settings, and its columns with what each one takes."""
    echo_members(
        {
            "name": target.name,
            "version": target.version,
            "table": target.table,
            "mode": target.mode,
            "key": ", ".join(target.key),
            "lineage": _yes_or_no(target.lineage),
            "keep replaced": _yes_or_no(target.keep_replaced),
            "max error percent": target.max_error_percent,
        }
    )
    click.echo()
    if not target.columns:
        click.echo("It takes any headers: each row becomes one JSON object.")
        return
    echo_table(
        ("column", "type", "takes"),
        [(c.name, c.type, " ".join(column_help(target, c))) for c in target.columns],
    )


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
