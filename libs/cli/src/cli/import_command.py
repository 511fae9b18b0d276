"""`sluice import`: upload a workbook, and watch it arrive."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from cli.api_client import ApiClient
from cli.error_groups import echo_error_groups
from cli.exit_codes import DONE, FAILED, ROW_ERRORS, Failure
from cli.mapping_files import mapping_fields
from cli.progress_display import show, summary
from cli.sent_again import AUTO, key_for
from cli.server_options import server_options
from cli.text_options import text_options
from cli.upload_bar import send_file
from sluice.clock import SystemClock
from sluice_client.uploads import Upload

if TYPE_CHECKING:
    from sluice_client import Server
    from sluice_client.uploads import Answer

EXIT_CODES = {"completed": DONE, "completed_with_errors": ROW_ERRORS}
_MODES = ["insert", "upsert", "skip_existing"]
_FIELDS = {"max_errors": "maxErrorPercent", "correct": "correctionOf", "kept": "previewId"}
"""Where an option is named otherwise than the form's field."""


@click.command(name="import")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--kept", metavar="ID", help="Instead of FILE: one that `preview --keep` kept.")
@click.option("--target", help="The import target; else the mapping's, else records.")
@click.option("--sheet", help="The sheet; else the first visible one.")
@click.option(
    "--mapping", metavar="FILE|NAME", help="Which column feeds which field: a file, or one saved."
)
@click.option("--mode", type=click.Choice(_MODES), help="Else the target's own.")
@click.option("--dry-run", is_flag=True, help="Tell what would be, to the end; write nothing.")
@click.option("--correct", metavar="JOB", help="FILE is JOB's failed-rows file, corrected.")
@click.option(
    "--max-errors",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Stop when more of the rows are rejected.",
)
@click.option(
    "--idempotency-key",
    metavar="KEY|auto",
    help="One key, one job, for a day. Else a new key for each command.",
)
@text_options
@click.option("--follow", "follows", is_flag=True, help="Show the progress until the end.")
@server_options
def import_file(
    file: Path | None,
    server: Server,
    mapping: str | None,
    idempotency_key: str | None,
    *,
    dry_run: bool,
    follows: bool,
    **told: str | float | None,
) -> int:
    """Import FILE, a workbook or a text (CSV, TSV).

    With --follow and --dry-run the exit code tells the end: 0 completed, 1 completed with row
    errors, 3 failed. An answer that is lost is asked for again, under one idempotency key: it makes
    no second job. With --idempotency-key auto the key is made from content and options, so that
    the same command, run again within a day, gets the first one's job.
    """
    if (file is None) == (told["kept"] is None):
        raise Failure("name one FILE, or one that was kept by --kept")
    fields = mapping_fields(mapping) | _form_of(told) | ({"dryRun": "true"} if dry_run else {})
    upload = Upload(
        path="/api/upload/excel",
        file=file,
        fields=fields,
        key=key_for(idempotency_key, file, fields),
    )
    clock, console = SystemClock(), Console()
    began_s = clock.monotonic_s()
    with ApiClient(server) as client:
        client.sign_in()
        answer = send_file(client, upload, console)
        _tell_accepted(answer, clock.monotonic_s() - began_s, automatic=idempotency_key == AUTO)
        if not follows and not dry_run:
            return DONE
        job_id = answer.body["jobId"]
        last = show(client.follow(job_id, time.sleep), console, clock)
        if last is None:
            raise Failure("the job was not seen", FAILED)
        # The errors of a dry run come by kind, below
        shown = replace(last, errors=()) if dry_run else last
        for line in summary(shown, clock.monotonic_s() - began_s):
            click.echo(line)
        if dry_run:
            _tell_would_be(client, job_id)
    return EXIT_CODES.get(last.status, FAILED)


def _form_of(told: dict[str, str | float | None]) -> dict[str, str]:
    return {
        _FIELDS.get(name, name): f"{value}" for name, value in told.items() if value is not None
    }


def _tell_accepted(answer: Answer, seconds: float, *, automatic: bool) -> None:
    body = answer.body
    into = f", into {body['target']}" if "target" in body else ""
    click.echo(f"{body['message']} [job {body['jobId']}{into}, {seconds:.1f} s]")
    if answer.is_replayed and automatic:
        click.echo("It was sent before, within a day: this is the job of then.")


def _tell_would_be(client: ApiClient, job_id: str) -> None:
    job = client.get(f"/api/jobs/{job_id}")
    click.echo(
        f"would be inserted {job['insertedRows']:,}, updated {job['updatedRows']:,}, "
        f"skipped {job['skippedRows']:,}, rejected {job['failedRows']:,}"
    )
    if job["failedRows"]:
        echo_error_groups(client, job_id)
