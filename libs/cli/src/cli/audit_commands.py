"""`sluice audit`: who did what, and the proof that nobody changed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE, ROW_ERRORS
from cli.server_options import server_options
from cli.surroundings import environment
from cli.tables import echo_json, echo_table, moment
from sluice.audit.seals import verify as verify_chain
from sluice.db.pool import connect
from sluice.settings import DatabaseSettings

if TYPE_CHECKING:
    from sluice_client import Server

JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
SESSION = {"statement_timeout": "0", "lock_timeout": "3s"}
"""A long chain takes longer than the services' statements may."""


@click.group()
def audit() -> None:
    """Look into the audit (operators)."""


@audit.command(name="list")
@click.option("--action", help="Only this action.")
@click.option("--by", "by_user", metavar="USER_ID", help="Only what this user did.")
@click.option("--job", help="Only of this job.")
@click.option("--since", help="At or after, as 2026-11-25T10:00:00Z.")
@click.option("--until", help="Before.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@JSON
@server_options
def list_(server: Server, *, limit: int, as_json: bool, **wanted: str | None) -> int:
    """List who did what, newest first."""
    names = {"by_user": "userId", "job": "jobId"}
    filters = {names.get(name, name): value for name, value in wanted.items() if value}
    with ApiClient(server) as client:
        client.sign_in()
        page = client.get("/api/ops/audit", filters | {"limit": limit})
    if as_json:
        echo_json(page)
    else:
        heads = ["ID", "AT", "ACTION", "USER", "JOB", "IP", "DETAILS"]
        echo_table(heads, [_row(entry) for entry in page["entries"]])
    return DONE


def _row(entry: dict[str, Any]) -> list[object]:
    told = " ".join(f"{name}={value}" for name, value in entry["details"].items())
    return [
        str(entry["auditId"]),
        moment(entry["at"]),
        entry["action"],
        entry["username"] or entry["userId"],
        entry["jobId"],
        entry["ip"],
        told,
    ]


@audit.command()
@click.option("--head", help="NUMBER:HASH of a seal, from the log or an earlier check.")
@JSON
def verify(head: str | None, *, as_json: bool) -> int:
    """Check every row against its seal, and every seal against the one before.

    It asks the database itself (SLUICE_DATABASE_URL) and trusts no function that is stored there.
    Exit code 1: something was changed, removed, inserted or cut off.
    """
    with connect(DatabaseSettings.from_env(environment()), "cli", SESSION) as conn:
        found = verify_chain(conn, head)
    if as_json:
        members = {name: getattr(found, name) for name in found.__slots__ if name != "faults"}
        faults = [{"code": fault.code, "text": fault.text} for fault in found.faults]
        echo_json(members | {"faults": faults})
    else:
        for fault in found.faults:
            click.echo(f"{fault.code}: {fault.text}")
        click.echo(
            f"{found.rows:,} rows under {found.seals:,} seals, {found.unsealed:,} not sealed yet;"
            f" {len(found.faults):,} faults"
        )
        click.echo(f"head {found.head}")
    return ROW_ERRORS if found.faults else DONE
