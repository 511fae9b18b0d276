"""`sluice import`: upload a workbook, and watch it arrive."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from cli.api_client import ApiClient
from cli.exit_codes import DONE, FAILED, ROW_ERRORS, Failure
from cli.follow_job import follow
from cli.progress_display import show, summary, upload_bar
from cli.server_options import server_options
from cli.text_options import text_options
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from cli.api_client import Server

EXIT_CODES = {"completed": DONE, "completed_with_errors": ROW_ERRORS}


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", help="The import target; else records.")
@click.option("--sheet", help="The sheet; else the first visible one.")
@text_options
@click.option("--follow", "follows", is_flag=True, help="Show the progress until the end.")
@server_options
def import_file(
    file: Path,
    server: Server,
    target: str | None,
    sheet: str | None,
    *,
    follows: bool,
    **told: str | None,
) -> int:
    """Import FILE, a workbook or a text (CSV, TSV).

    With --follow the exit code tells the end: 0 completed, 1 completed with row errors, 3 failed.
    """
    fields = {"target": target, "sheet": sheet, **told}
    clock, console = SystemClock(), Console()
    began_s = clock.monotonic_s()
    with ApiClient(server) as client:
        client.sign_in()
        with upload_bar(console) as bar:
            task = bar.add_task("uploading", total=file.stat().st_size)
            accepted = client.upload(
                file,
                {name: value for name, value in fields.items() if value},
                lambda size: bar.advance(task, size),
            )
        _tell_accepted(accepted, clock.monotonic_s() - began_s)
        if not follows:
            return DONE
        last = show(follow(client, accepted["jobId"], time.sleep), console, clock)
    if last is None:
        raise Failure("the job was not seen", FAILED)
    for line in summary(last, clock.monotonic_s() - began_s):
        click.echo(line)
    return EXIT_CODES.get(last.status, FAILED)


def _tell_accepted(accepted: dict[str, object], seconds: float) -> None:
    click.echo(f"{accepted['message']} [job {accepted['jobId']}, {seconds:.1f} s]")
    if accepted.get("duplicateOf"):
        click.echo(f"The same file was imported before, by job {accepted['duplicateOf']}.")
