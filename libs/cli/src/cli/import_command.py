"""`sluice import`: upload a workbook, and watch it arrive."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console

from cli.api_client import ApiClient, Server
from cli.exit_codes import DONE, FAILED, ROW_ERRORS, Failure
from cli.follow_job import follow
from cli.progress_display import show, summary, upload_bar
from cli.text_options import text_options
from devstack.lifecycle import status as stack_status
from sluice.clock import SystemClock

EXIT_CODES = {"completed": DONE, "completed_with_errors": ROW_ERRORS}


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", help="The import target; else records.")
@click.option("--sheet", help="The sheet; else the first visible one.")
@text_options
@click.option("--follow", "follows", is_flag=True, help="Show the progress until the end.")
@click.option("--stack", default="demo", show_default=True, help="The stack to import into.")
@click.option("--url", envvar="SLUICE_URL", help="A server, instead of a stack of this machine.")
@click.option("--user", envvar="SLUICE_USER")
@click.option("--password", envvar="SLUICE_PASSWORD", help="Better in SLUICE_PASSWORD.")
@click.option("--token", envvar="SLUICE_TOKEN", help="Better in SLUICE_TOKEN.")
def import_file(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: Path,
    target: str | None,
    sheet: str | None,
    stack: str,
    url: str | None,
    user: str | None,
    password: str | None,
    token: str | None,
    *,
    follows: bool,
    **told: str | None,
) -> int:
    """Import FILE, a workbook or a text (CSV, TSV).

    With --follow the exit code tells the end: 0 completed, 1 completed with row errors, 3 failed.
    """
    server = _server(stack, url, user, password, token)
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


def _server(
    stack: str, url: str | None, user: str | None, password: str | None, token: str | None
) -> Server:
    """Return the server that was named, or that of the running stack with its own login."""
    if url is None:
        found = stack_status(stack)
        url = found.get("gateway") or found.get("uploadApi")
        if url is None:
            raise Failure(
                f"the stack {stack!r} is {found['phase']}: run `sluice up`, or give --url"
            )
        user, password = user or found.get("user"), password or found.get("password")
    if token is None and not (user and password):
        raise Failure("give --token, or --user and --password, to sign in")
    return Server(url=url, token=token, user=user, password=password)
