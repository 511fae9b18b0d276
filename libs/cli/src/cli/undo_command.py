"""`sluice jobs undo`: take an import back, and see what stayed and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE, ROW_ERRORS
from cli.tables import echo_members, echo_table, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice_client import Server

POLL_S = 0.5
FIRST_ROWS = 20


def undo_and_follow(
    server: Server, job_id: str, *, yes: bool, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Have an import taken back and follow that to its end; return the exit code."""
    with ApiClient(server) as client:
        client.sign_in()
        if not yes:
            _confirm(client.get(f"/api/jobs/{job_id}"))
        undo = client.post(f"/api/jobs/{job_id}/undo")
        with click.progressbar(length=1, label="undoing", show_eta=False) as bar:
            while undo["state"] == "running":
                sleep(POLL_S)
                undo = client.get(f"/api/jobs/{job_id}/undo", {"limit": FIRST_ROWS})
                _draw(bar, undo)
        return _show(client.get(f"/api/jobs/{job_id}/undo", {"limit": FIRST_ROWS}))


def show_undo(server: Server, job_id: str) -> int:
    """Show how far an undo is; return the exit code."""
    with ApiClient(server) as client:
        client.sign_in()
        return _show(client.get(f"/api/jobs/{job_id}/undo", {"limit": FIRST_ROWS}))


def _confirm(job: dict[str, Any]) -> None:
    """Ask whoever types; without a terminal nobody answers, and nothing is done."""
    written = job["insertedRows"] + job["updatedRows"]
    click.echo(
        f"{job['fileName']} was imported into {job['target']} at {moment(job['createdAt'])}:"
        f" {written:,} rows."
    )
    click.confirm("Take them back? What others changed since is kept", default=False, abort=True)


def _draw(bar: Any, undo: dict[str, Any]) -> None:
    bar.length = max(undo["total"], 1)
    bar.label = undo["trouble"] or "undoing"
    bar.update(undo["reversed"] + undo["kept"] + undo["refused"] - bar.pos)


def _show(undo: dict[str, Any]) -> int:
    counted = undo["reversed"] + undo["kept"] + undo["refused"]
    echo_members(
        {
            "undo": undo["state"], "rows": undo["total"], "reversed": undo["reversed"],
            "kept": undo["kept"], "refused": undo["refused"],
            "waiting": undo["total"] - counted, "trouble": undo["trouble"],
            "asked": moment(undo["requestedAt"]), "finished": moment(undo["finishedAt"]),
        }
    )  # fmt: skip
    if undo["rows"]:
        click.echo("Rows that stayed:")
        echo_table(
            ["LINE", "OUTCOME", "KEY", "REASON"],
            [[str(r["line"]), r["outcome"], _key(r["key"]), r["reason"]] for r in undo["rows"]],
        )
        if undo["nextCursor"]:
            click.echo(f"… the first {len(undo['rows'])}; all: GET /api/jobs/{undo['jobId']}/undo")
    return ROW_ERRORS if undo["kept"] or undo["refused"] else DONE


def _key(key: dict[str, Any] | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in (key or {}).items())
