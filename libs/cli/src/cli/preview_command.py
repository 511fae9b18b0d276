"""`sluice preview`: what an import would make of a file, before it is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
from rich.console import Console

from cli.api_client import ApiClient
from cli.exit_codes import DONE, ROW_ERRORS
from cli.mapping_files import mapping_fields
from cli.server_options import server_options
from cli.tables import echo_json, echo_members, echo_table
from cli.text_options import text_options
from cli.upload_bar import send_file
from sluice_client.uploads import Upload

if TYPE_CHECKING:
    from sluice_client import Server


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", help="The import target; else the one that fits best.")
@click.option("--sheet", help="The sheet; else the first visible one.")
@click.option("--mapping", metavar="FILE|NAME", help="A mapping to try: a file, or one saved.")
@click.option("--save", metavar="NAME", help="Save the mapping that is suggested.")
@click.option("--keep", is_flag=True, help="Keep the file for an hour, for `import --kept`.")
@text_options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@server_options
def preview(
    file: Path,
    server: Server,
    mapping: str | None,
    save: str | None,
    *,
    keep: bool,
    as_json: bool,
    **told: str | None,
) -> int:
    """Show what an import of FILE would do: header, columns, types, the fields that they feed.

    The exit code is 1 when an import would be refused for the header or the mapping.
    """
    fields = mapping_fields(mapping) | {name: text for name, text in told.items() if text}
    if keep:
        fields["keep"] = "true"
    with ApiClient(server) as client:
        client.sign_in()
        upload = Upload(path="/api/upload/preview", file=file, fields=fields)
        seen = send_file(client, upload, Console()).body
        saved = _save(client, save, seen) if save else None
    if as_json:
        echo_json(seen)
    else:
        _tell(seen)
    if saved:
        click.echo(f"mapping {saved['name']} is saved, version {saved['version']}")
    return ROW_ERRORS if seen["faults"] else DONE


def _save(client: ApiClient, name: str, seen: dict[str, Any]) -> Any:
    body = {
        "target": seen["target"],
        "columns": seen["suggestedMapping"]["columns"],
        "headers": [column["header"] for column in seen["headers"]],
    }
    return client.put(f"/api/mappings/{quote(name, safe='')}", body)


def _tell(seen: dict[str, Any]) -> None:
    others = [sheet["name"] for sheet in seen["sheets"] if sheet["name"] != seen["sheet"]]
    mapping = seen["suggestedMapping"]
    echo_members(
        {
            "sheet": seen["sheet"],
            "other sheets": ", ".join(others),
            "header": f"row {seen['headerLine']}" if seen["headerLine"] else None,
            "rows": f"about {seen['estimatedRows']:,}",
            "target": seen["target"],
            "mapping": mapping["mappingName"],
            "imported before": seen["duplicateOf"],
            "kept as": seen["previewId"],
        }
    )
    click.echo()
    echo_table(
        ("COLUMN", "HEADER", "TYPE", "FEEDS", "SURE", "SAMPLES"),
        [_row(column) for column in seen["headers"]],
    )
    for fault in seen["faults"]:
        click.echo(f"  {fault}")


def _row(column: dict[str, Any]) -> list[object]:
    feeds, suggested = column["field"], column["suggested"]
    sure = f"{column['confidence']:.0%} {column['via']}" if suggested else None
    return [
        column["letter"],
        column["header"],
        column["detectedType"],
        feeds or (f"({suggested}?)" if suggested else None),
        sure,
        " | ".join(column["samples"])[:60],
    ]
