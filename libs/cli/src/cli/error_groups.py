"""What is wrong with a job's rows, by column and code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.tables import echo_table

if TYPE_CHECKING:
    from cli.api_client import ApiClient


def echo_error_groups(client: ApiClient, job_id: str) -> None:
    """Print the kinds of errors, the most frequent first, each with its first row."""
    summary = client.get(f"/api/jobs/{job_id}/errors/summary")
    kinds = summary["kinds"]
    if not kinds:
        return
    click.echo()
    echo_table(("ERRORS", "COLUMN", "CODE", "FOR INSTANCE"), [_row(kind) for kind in kinds])
    if summary["truncated"]:
        click.echo("Not all errors are kept; the counts are of all.")


def _row(kind: dict[str, Any]) -> list[object]:
    column = " ".join(part for part in (kind["column"], kind["header"] or kind["field"]) if part)
    first = kind["samples"][0] if kind["samples"] else None
    told = f"row {first['line']}: {first['message'] or ''}".rstrip(": ") if first else None
    return [kind["count"], column or None, kind["code"], told]
