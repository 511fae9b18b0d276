"""`sluice dlq`: dead letters, for operators: list, count, show, replay, give up."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE, ROW_ERRORS, Failure
from cli.server_options import server_options
from cli.tables import QUIET, echo_json, echo_members, echo_table, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice_client import Server

    Command = Callable[..., Any]

PATH = "/api/ops/dlq"
STATES = ["open", "replaying", "replaced", "healed", "discarded", "parked"]
JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
IDS = click.argument("ids", nargs=-1, type=click.IntRange(1), metavar="[ID]...")
FOLLOW_S = 0.5
_FILTERS = (
    click.option("--job", help="Of this job."),
    click.option("--class", "error_class", help="Of this error class."),
    click.option("--state", "states", multiple=True, type=click.Choice(STATES)),
    click.option("--since", help="Last failed at or after, as 2026-11-25T10:00:00Z."),
    click.option("--until", help="Last failed before."),
)


def filter_options(command: Command) -> Command:
    """Give a command the filters; it gets them as one `wanted`, with the API's names."""

    @wraps(command)
    def with_filter(
        *args: Any,
        job: str | None,
        error_class: str | None,
        states: tuple[str, ...],
        since: str | None,
        until: str | None,
        **more: Any,
    ) -> Any:
        named = {
            "jobId": job,
            "errorClass": error_class,
            "state": list(states),
            "since": since,
            "until": until,
        }
        wanted = {name: value for name, value in named.items() if value}
        return command(*args, wanted=wanted, **more)

    wrapped: Command = with_filter
    for option in reversed(_FILTERS):
        wrapped = option(wrapped)
    return wrapped


@click.group()
def dlq() -> None:
    """Look after dead letters (operators)."""


@dlq.command(name="list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@filter_options
@QUIET
@JSON
@server_options
def list_(server: Server, wanted: dict[str, Any], limit: int, *, quiet: bool, as_json: bool) -> int:
    """List dead letters, newest first."""
    with ApiClient(server) as client:
        client.sign_in()
        page = client.get(PATH, wanted | {"limit": limit})
    if as_json:
        echo_json(page)
        return DONE
    if quiet:
        ids = (letter["deadLetterId"] for letter in page["letters"])
        click.echo("".join(f"{each}\n" for each in ids), nl=False)
        return DONE
    names = ["ID", "STATE", "CLASS", "JOB", "CHUNK", "REPLAYS", "LAST FAILED", "MESSAGE"]
    echo_table(names, [_row(letter) for letter in page["letters"]])
    counts = page["counts"]
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if name != "total")
    click.echo(
        f"{len(page['letters']):,} of {counts['total']:,} letters" + (f": {told}" * bool(told))
    )
    return DONE


def _row(letter: dict[str, Any]) -> list[object]:
    return [
        str(letter["deadLetterId"]),
        letter["state"],
        letter["errorClass"],
        letter["jobId"],
        letter["chunkNo"],
        letter["replayCount"],
        moment(letter["lastFailedAt"]),
        letter["errorMessage"],
    ]


@dlq.command()
@filter_options
@JSON
@server_options
def summary(server: Server, wanted: dict[str, Any], *, as_json: bool) -> int:
    """Count dead letters by class, job and state."""
    with ApiClient(server) as client:
        client.sign_in()
        found = client.get(f"{PATH}/summary", wanted)
    _echo_histogram(found) if not as_json else echo_json(found)
    return DONE


def _echo_histogram(histogram: dict[str, Any]) -> None:
    click.echo(f"{histogram['total']:,} letters")
    for title, name in (("CLASS", "byClass"), ("JOB", "byJob"), ("STATE", "byState")):
        if histogram[name]:
            click.echo()
            rows = [(row["name"], row["count"]) for row in histogram[name]]
            echo_table([title, "LETTERS"], rows)


@dlq.command()
@click.argument("letter_id", metavar="ID", type=click.IntRange(1))
@JSON
@server_options
def show(server: Server, letter_id: int, *, as_json: bool) -> int:
    """Show letter ID with its headers and payload.

    Cells are shown as kind and length, in full for admins and who may control the job.
    """
    with ApiClient(server) as client:
        client.sign_in()
        letter = client.get(f"{PATH}/{letter_id}")
    if as_json:
        echo_json(letter)
        return DONE
    record = letter.pop("record")
    echo_members({name: str(value) for name, value in letter.items() if value is not None})
    if record is None:
        click.echo("\nKafka has the record no more: retry the job instead")
        return DONE
    click.echo()
    echo_table(["HEADER", "VALUE"], [(each["name"], each["value"]) for each in record["headers"]])
    click.echo()
    echo_json(record["payload"])
    return DONE


@dlq.command()
@IDS
@filter_options
@click.option("--all", "every", is_flag=True, help="Without a filter: all open letters.")
@click.option("--dry-run", is_flag=True, help="Only count what would be sent.")
@click.option("--max", "limit", default=10_000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--rate", default=50.0, show_default=True, type=click.FloatRange(0.1, 1000))
@click.option("--follow", "follows", is_flag=True, help="Wait until all are sent.")
@JSON
@server_options
def replay(  # noqa: PLR0913 - one argument for each option
    server: Server,
    ids: tuple[int, ...],
    wanted: dict[str, Any],
    limit: int,
    rate: float,
    *,
    every: bool,
    dry_run: bool,
    follows: bool,
    as_json: bool,
) -> int:
    """Send letters again: those named, or those that a filter chooses (of the open ones).

    Repeating a replay is harmless. With --follow the exit code is 1 when some were not sent.
    """
    asked = _selection(ids, wanted, every=every or dry_run)
    body = asked | {"dryRun": dry_run, "max": limit, "ratePerSecond": rate}
    with ApiClient(server) as client:
        client.sign_in()
        accepted = client.post(f"{PATH}/replays", body)
        if not follows or dry_run:
            _tell_accepted(accepted, as_json=as_json)
            return DONE
        result = _follow(client, accepted["link"], quiet=as_json)
    if as_json:
        echo_json(result)
    else:
        _echo_unsent(result)
    return DONE if result["sent"] + result["alreadyWritten"] == result["selected"] else ROW_ERRORS


def _selection(ids: tuple[int, ...], wanted: dict[str, Any], *, every: bool) -> dict[str, Any]:
    if ids and wanted:
        raise Failure("name letters, or give a filter: not both")
    if not (ids or wanted or every):
        raise Failure("name letters, give a filter, or say --all")
    return {"ids": list(ids)} if ids else {"filter": wanted}


def _tell_accepted(accepted: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        echo_json(accepted)
    elif accepted["dryRun"]:
        click.echo("dry run, nothing is sent:")
        _echo_histogram(accepted["histogram"])
    else:
        click.echo(f"replay {accepted['replayId']}: {accepted['selected']:,} letters")


def _follow(client: ApiClient, link: str, *, quiet: bool) -> dict[str, Any]:
    shown = -1
    while True:
        result: dict[str, Any] = client.get(link)
        if not quiet and result["waiting"] != shown:
            shown = result["waiting"]
            click.echo(
                f"{result['selected'] - shown:,}/{result['selected']:,} letters, "
                f"{result['sent']:,} sent, {result['healed']:,} healed"
            )
        if result["state"] == "done":
            return result
        time.sleep(FOLLOW_S)


def _echo_unsent(result: dict[str, Any]) -> None:
    if result["unsent"]:
        rows = [(str(x["deadLetterId"]), x["outcome"], x["reason"]) for x in result["unsent"]]
        echo_table(["ID", "OUTCOME", "REASON"], rows)


@dlq.command()
@IDS
@filter_options
@click.option("--all", "every", is_flag=True, help="Without a filter: all that wait for somebody.")
@click.option("--reason", required=True, help="Kept with the letters and in the audit.")
@JSON
@server_options
def discard(
    server: Server, ids: tuple[int, ...], wanted: dict[str, Any], reason: str, *,
    every: bool, as_json: bool,
) -> int:  # fmt: skip
    """Give letters up, with a reason; those on their way are left alone."""
    body = _selection(ids, wanted, every=every) | {"reason": reason}
    with ApiClient(server) as client:
        client.sign_in()
        found = client.post(f"{PATH}/discards", body)
    if as_json:
        echo_json(found)
    else:
        click.echo(f"{found['discarded']:,} letters are given up")
    return DONE


@dlq.command()
@JSON
@server_options
def resume(server: Server, *, as_json: bool) -> int:
    """Let consumers go on that stand still after too many failures."""
    with ApiClient(server) as client:
        client.sign_in()
        found = client.post(f"{PATH}/resume")
    if as_json:
        echo_json(found)
    else:
        click.echo(f"goes on: {', '.join(found['consumers']) or 'none stood still'}")
    return DONE


@dlq.command()
@JSON
@server_options
def consumers(server: Server, *, as_json: bool) -> int:
    """Show who stands still; exit code 1 when somebody does."""
    with ApiClient(server) as client:
        client.sign_in()
        halts = client.get("/api/ops/consumers")["halts"]
    if as_json:
        echo_json(halts)
    else:
        names = ["CONSUMER", "SINCE", "WENT ON", "BY", "REASON"]
        rows = [
            (
                x["consumer"],
                moment(x["haltedAt"]),
                moment(x["resumedAt"]),
                x["resumedBy"],
                x["reason"],
            )
            for x in halts
        ]
        echo_table(names, rows)
    return ROW_ERRORS if any(halt["resumedAt"] is None for halt in halts) else DONE
