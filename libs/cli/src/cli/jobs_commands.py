"""`sluice jobs`: list them, look at one, pause, resume, cancel, retry and undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE
from cli.results_commands import erase, errors, failed_rows, unprocessed_rows
from cli.server_options import server_options
from cli.tables import QUIET, echo_json, echo_members, echo_table, moment
from cli.undo_command import show_undo, undo_and_follow
from sluice.job_status import JobStatus

if TYPE_CHECKING:
    from sluice_client import Server

JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def jobs() -> None:
    """List jobs, and control them."""


@jobs.command(name="list")
@click.option("--status", type=click.Choice([status.value for status in JobStatus]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@QUIET
@JSON
@server_options
def list_(server: Server, status: str | None, limit: int, *, quiet: bool, as_json: bool) -> int:
    """List the jobs that you may see, newest first."""
    params = {"limit": limit} | ({"status": status} if status else {})
    with ApiClient(server) as client:
        client.sign_in()
        found = client.get("/api/jobs", params)["jobs"]
    if as_json:
        echo_json(found)
        return DONE
    if quiet:
        click.echo("".join(f"{job['jobId']}\n" for job in found), nl=False)
        return DONE
    names = ["JOB", "STATUS", "ROWS", "TOTAL", "FAILED", "TARGET", "CREATED", "FILE"]
    echo_table(names, [_row(job) for job in found])
    return DONE


def _row(job: dict[str, Any]) -> list[object]:
    return [
        job["jobId"],
        shown_status(job),
        job["processedRows"],
        job["totalRows"],
        job["failedRows"],
        job["target"],
        moment(job["createdAt"]),
        job["fileName"],
    ]


def shown_status(job: dict[str, Any]) -> str:
    """Return the status, and what is on its way: a job that is to be cancelled is `cancelling`."""
    coming = {"pause": "pausing", "cancel": "cancelling"}.get(job["desired"], "")
    reached = {"pause": "paused", "cancel": "cancelled"}.get(job["desired"])
    is_over = job["finishedAt"] is not None or job["status"] == reached
    return str(job["status"]) if is_over or not coming else coming


@jobs.command()
@click.argument("job_id", metavar="JOB")
@JSON
@server_options
def show(server: Server, job_id: str, *, as_json: bool) -> int:
    """Show JOB with its counts, its failure and its first errors."""
    with ApiClient(server) as client:
        client.sign_in()
        job = client.get(f"/api/jobs/{job_id}")
    if as_json:
        echo_json(job)
        return DONE
    failure = job["failure"] or {}
    members = {
        "job": job["jobId"], "status": shown_status(job), "run": job["run"],
        "file": job["fileName"], "target": job["target"], "owner": job["owner"],
        "rows": job["totalRows"], "inserted": job["insertedRows"], "updated": job["updatedRows"],
        "skipped": job["skippedRows"], "failed": job["failedRows"],
        "unprocessed": job["unprocessedRows"], "created": moment(job["createdAt"]),
        "finished": moment(job["finishedAt"]), "failure": failure.get("message"),
    }  # fmt: skip
    later = {"healed": job.get("healedRows"), "undone": job.get("undoneRows")}
    echo_members(members | {name: rows for name, rows in later.items() if rows})
    for error in job["errors"]:
        click.echo(f"  {error}")
    return DONE


def _control(server: Server, job_id: str, control: str, *, as_json: bool) -> int:
    with ApiClient(server) as client:
        client.sign_in()
        job = client.post(f"/api/jobs/{job_id}/{control}")
    if as_json:
        echo_json(job)
    else:
        click.echo(f"{job['jobId']} is {shown_status(job)} (run {job['run']})")
    return DONE


@jobs.command()
@click.argument("job_id", metavar="JOB")
@JSON
@server_options
def pause(server: Server, job_id: str, *, as_json: bool) -> int:
    """Pause JOB: what is written stays, the rest waits for `resume`."""
    return _control(server, job_id, "pause", as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@JSON
@server_options
def resume(server: Server, job_id: str, *, as_json: bool) -> int:
    """Let a paused JOB go on."""
    return _control(server, job_id, "resume", as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@JSON
@server_options
def cancel(server: Server, job_id: str, *, as_json: bool) -> int:
    """Cancel JOB: what is written stays, the rest is unprocessed."""
    return _control(server, job_id, "cancel", as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@JSON
@server_options
def retry(server: Server, job_id: str, *, as_json: bool) -> int:
    """Run a failed or cancelled JOB again; what is written is not written twice."""
    return _control(server, job_id, "retry", as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--status", "only_status", is_flag=True, help="Only show how far it is.")
@server_options
def undo(server: Server, job_id: str, *, yes: bool, only_status: bool) -> int:
    """Take the rows of JOB back, with those of its corrections; for its owner.

    Rows that others changed since are kept, rows that others refer to are refused; both are told.
    Asked again, it follows the undo that runs. Exit code 1: some rows stayed.
    """
    if only_status:
        return show_undo(server, job_id)
    return undo_and_follow(server, job_id, yes=yes)


for command in (errors, failed_rows, unprocessed_rows, erase):
    jobs.add_command(command)
