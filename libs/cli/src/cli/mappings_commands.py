"""`sluice mappings`: which column feeds which field, remembered by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from cli.api_client import ApiClient
from cli.exit_codes import DONE, Failure
from cli.mapping_files import mapping_in
from cli.server_options import server_options
from cli.tables import echo_json, echo_members, echo_table, moment

if TYPE_CHECKING:
    from sluice_client import Server

JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def mappings() -> None:
    """List, show, save and delete your mappings."""


@mappings.command(name="list")
@click.option("--target", help="Only those for this target.")
@JSON
@server_options
def list_(server: Server, target: str | None, *, as_json: bool) -> int:
    """List your mappings, the latest first."""
    with ApiClient(server) as client:
        client.sign_in()
        found = client.get("/api/mappings", {"target": target} if target else None)["mappings"]
    if as_json:
        echo_json(found)
        return DONE
    rows = [[m["name"], m["version"], m["target"], moment(m["savedAt"])] for m in found]
    echo_table(("NAME", "VERSION", "TARGET", "SAVED"), rows)
    return DONE


@mappings.command()
@click.argument("name")
@click.option("--version", type=click.IntRange(1), help="Else the newest.")
@JSON
@server_options
def show(server: Server, name: str, version: int | None, *, as_json: bool) -> int:
    """Show mapping NAME; --json prints a file that `save` and `import --mapping` take."""
    with ApiClient(server) as client:
        client.sign_in()
        found = client.get(_path(name), {"version": version} if version else None)
    if as_json:
        echo_json(found)
        return DONE
    members = {"name": found["name"], "version": found["version"], "target": found["target"]}
    echo_members(members | {"saved": moment(found["savedAt"])})
    click.echo()
    echo_table(("COLUMN", "FEEDS"), list(found["columns"].items()))
    return DONE


@mappings.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", help="The target that it is for; else what FILE says.")
@server_options
def save(server: Server, name: str, file: Path, target: str | None) -> int:
    """Save FILE as mapping NAME: JSON or YAML with `columns`, and maybe `target` and `headers`.

    With the sheet's `headers` it is suggested for sheets that have the same ones; else for sheets
    that have just the columns it names. `preview --save NAME` does it all.
    """
    told = mapping_in(file)
    wanted = target or told.get("target")
    if not wanted:
        raise Failure("give --target, or write target: into the file")
    body: dict[str, Any] = {"target": wanted, "columns": told["columns"]}
    if told.get("headers"):
        body["headers"] = told["headers"]
    with ApiClient(server) as client:
        client.sign_in()
        saved = client.put(_path(name), body)
    click.echo(f"{saved['name']} is saved, version {saved['version']}")
    return DONE


@mappings.command()
@click.argument("name")
@server_options
def delete(server: Server, name: str) -> int:
    """Delete mapping NAME with all its versions; jobs that were made with it stay as they are."""
    with ApiClient(server) as client:
        client.sign_in()
        client.delete(_path(name))
    click.echo(f"{name} is deleted")
    return DONE


def _path(name: str) -> str:
    return f"/api/mappings/{quote(name, safe='')}"
