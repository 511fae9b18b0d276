"""`sluice jobs errors|failed-rows|unprocessed-rows|erase`: what was not written, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE
from cli.server_options import server_options
from cli.tables import echo_json, echo_table

if TYPE_CHECKING:
    from sluice_client import Server

JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
OUTPUT = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A name that ends in .xlsx or .csv; - is CSV on the standard output.",
)
PAGE = 500


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--summary", is_flag=True, help="By column and code, with the first rows of each.")
@click.option("--code", help="Only this one, such as NOT_A_NUMBER.")
@click.option("--column", help="Only this one, by its letter.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1))
@JSON
@server_options
def errors(  # noqa: PLR0913 - its options
    server: Server,
    job_id: str,
    code: str | None,
    column: str | None,
    limit: int,
    *,
    summary: bool,
    as_json: bool,
) -> int:
    """Tell what is wrong with the rows of JOB, in the order of the sheet."""
    if summary and (code or column):
        raise click.UsageError("--summary is of all errors: leave out --code and --column.")
    with ApiClient(server) as client:
        client.sign_in()
        if summary:
            return _summary(client, job_id, as_json=as_json)
        only = {"code": code, "column": column}
        found, page = _errors(client, job_id, limit, only)
    if as_json:
        echo_json(found)
        return DONE
    names = ["ROW", "COLUMN", "HEADER", "CODE", "MESSAGE"]
    echo_table(
        names, [[e["line"], e["column"], e["header"], e["code"], e["message"]] for e in found]
    )
    click.echo(f"{len(found):,} of {page['totalErrors']:,} errors" + _kept(page))
    return DONE


def _errors(
    client: ApiClient, job_id: str, limit: int, only: dict[str, str | None]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the errors up to a limit, and the first page, which has the counts."""
    params: dict[str, Any] = {name: value for name, value in only.items() if value is not None}
    found: list[dict[str, Any]] = []
    first: dict[str, Any] | None = None
    while True:
        asked = params | {"limit": min(PAGE, limit - len(found))}
        page = client.get(f"/api/jobs/{job_id}/errors", asked)
        first = first or page
        found += page["errors"]
        if page["nextCursor"] is None or len(found) >= limit:
            return found, first
        params["cursor"] = page["nextCursor"]


def _summary(client: ApiClient, job_id: str, *, as_json: bool) -> int:
    summary = client.get(f"/api/jobs/{job_id}/errors/summary")
    if as_json:
        echo_json(summary)
        return DONE
    names = ["ERRORS", "COLUMN", "HEADER", "CODE", "ROWS", "SUCH AS"]
    echo_table(names, [_kind_row(kind) for kind in summary["kinds"]])
    told = f"{summary['totalErrors']:,} errors in {summary['failedRows']:,} rows"
    click.echo(told + _kept(summary))
    return DONE


def _kind_row(kind: dict[str, Any]) -> list[object]:
    lines = ", ".join(str(sample["line"]) for sample in kind["samples"])
    message = next((sample["message"] for sample in kind["samples"]), None)
    return [kind["count"], kind["column"], kind["header"], kind["code"], lines, message]


def _kept(counts: dict[str, Any]) -> str:
    return f"; {counts['storedErrors']:,} of them are kept" if counts["truncated"] else ""


@click.command(name="failed-rows")
@click.argument("job_id", metavar="JOB")
@OUTPUT
@server_options
def failed_rows(server: Server, job_id: str, output: Path) -> int:
    """Fetch the rejected rows of JOB, to be corrected and imported with `--correct JOB`."""
    return _fetch(server, job_id, "failed-rows", output)


@click.command(name="unprocessed-rows")
@click.argument("job_id", metavar="JOB")
@OUTPUT
@server_options
def unprocessed_rows(server: Server, job_id: str, output: Path) -> int:
    """Fetch the rows that a failed or cancelled JOB did not come to."""
    return _fetch(server, job_id, "unprocessed-rows", output)


def _fetch(server: Server, job_id: str, kind: str, output: Path) -> int:
    suffix = ".csv" if str(output) == "-" else output.suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        raise click.UsageError(f"{output} must end in .xlsx or .csv.")
    if not output.parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent}")
    with ApiClient(server) as client:
        client.sign_in()
        path = f"/api/jobs/{job_id}/{kind}{suffix}"
        if str(output) == "-":
            for block in client.blocks(path):
                click.echo(block, nl=False)
            return DONE
        size = client.download(path, output)
    click.echo(f"{output}: {size:,} bytes", err=True)
    return DONE


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--yes", is_flag=True, help="Do not ask.")
@server_options
def erase(server: Server, job_id: str, *, yes: bool) -> int:
    """Erase all that is kept of an ended JOB; the rows that it wrote stay in their table."""
    if not yes:
        click.confirm(f"Erase job {job_id}, its file and its errors for good?", abort=True)
    with ApiClient(server) as client:
        client.sign_in()
        client.delete(f"/api/jobs/{job_id}")
    click.echo(f"{job_id} is erased")
    return DONE
