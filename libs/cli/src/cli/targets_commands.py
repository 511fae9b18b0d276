"""`sluice targets`: the definitions of import targets, and their tables."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psycopg

from cli.exit_codes import DONE, Failure
from cli.new_files import write_new
from cli.postgres_catalog import find_table, read_table
from cli.surroundings import environment, known_targets, target_named
from cli.tables import echo_json
from cli.target_views import echo_target
from cli.undo_index import SESSION, make_undo_index
from import_targets import (
    LINEAGE_COLUMNS,
    add_lineage_sql,
    create_table_sql,
    described_table,
    in_order_of_references,
    table_differences,
)
from import_targets.identifiers import IDENTIFIER
from import_targets.template_workbook import template_workbook
from sluice.db.pool import connect
from sluice.settings import DatabaseSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from import_targets import TargetDefinition

FOLDER = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder with the target files; else SLUICE_TARGETS_DIR, else the project's.",
)


@click.group()
def targets() -> None:
    """Check, list, explain and create import targets."""


@targets.command()
@FOLDER
@click.option("--database", is_flag=True, help="Also whether their tables are fit for them.")
def check(folder: Path | None, *, database: bool) -> int:
    """Check all target files; every fault in one message."""
    found = known_targets(folder)
    if database and (told := _differences(found.values())):
        raise Failure("\n".join(told))
    click.echo(f"{len(found)} targets are in order: {', '.join(sorted(found))}")
    return DONE


def _differences(targets: Iterable[TargetDefinition]) -> list[str]:
    told = []
    with connect(DatabaseSettings.from_env(environment()), "cli") as conn:
        for target in targets:
            if target.kind == "records":
                continue
            table = find_table(conn, target.table)
            if table is None:
                missing = f"the table {target.table} is not there"
                told.append(
                    f"{target.name}: {missing}; run `sluice targets create-table {target.name}`"
                )
            else:
                told += [f"{target.name}: {text}" for text in table_differences(target, table)]
    return told


@targets.command(name="list")
@FOLDER
def list_(folder: Path | None) -> int:
    """List the targets with their tables and modes."""
    for name, target in sorted(known_targets(folder).items()):
        columns = f"{len(target.columns)} columns" if target.columns else "any columns"
        click.echo(f"{name:<24} {target.table:<32} {target.mode:<14} {columns}")
    return DONE


@targets.command()
@FOLDER
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The definition as a job keeps it.")
def show(folder: Path | None, name: str, *, as_json: bool) -> int:
    """Show target NAME: its table, its mode, and what each column takes."""
    target = target_named(name, folder)
    if as_json:
        echo_json({**target.to_json(), "version": target.version})
    else:
        echo_target(target)
    return DONE


@targets.command()
@FOLDER
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook to write; else NAME-template.xlsx.",
)
def template(folder: Path | None, name: str, output: Path | None) -> int:
    """Write an empty workbook with the headers of target NAME, to be filled in."""
    path = output or Path(f"{name}-template.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise Failure(f"{path} must end in .xlsx: a template is a workbook")
    book = template_workbook(target_named(name, folder))
    write_new(path, book)
    click.echo(f"{path} is written")
    return DONE


@targets.command()
@FOLDER
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Those of all target files.")
@click.option(
    "--undo-index",
    is_flag=True,
    help="And an index by which an undo finds its rows, also of a table that is there.",
)
def create_table(folder: Path | None, name: str | None, *, every: bool, undo_index: bool) -> int:
    """Create the table of target NAME, unless it is there.

    An undo reads the table once without its index, which is worth it from some 100 GB on. Making
    the index reads the table twice, and waits for transactions that are open; imports go on.
    """
    if every == bool(name):
        raise Failure("name one target, or give --all")
    if name:
        chosen = [target_named(name, folder)]
    else:
        # The table of records comes with the schema
        found = [target for target in known_targets(folder).values() if target.kind != "records"]
        chosen = in_order_of_references(found)
    statements = [(target, create_table_sql(target)) for target in chosen]
    settings = DatabaseSettings.from_env(environment())
    with connect(settings, "cli", SESSION) as conn:
        for target, sql in statements:
            with _refusals(target):
                conn.execute(sql.encode())  # its identifiers are checked and quoted
                if undo_index and target.lineage:
                    make_undo_index(conn, target.table)
            click.echo(f"{target.name}: table {target.table} is there")
    return DONE


@targets.command()
@FOLDER
@click.argument("name")
def add_lineage(folder: Path | None, name: str) -> int:
    """Add to the table of target NAME what undo and corrections find its rows by."""
    target = target_named(name, folder)
    sql = add_lineage_sql(target)
    with connect(DatabaseSettings.from_env(environment()), "cli") as conn, _refusals(target):
        conn.execute(sql.encode())  # its identifiers are checked and quoted
    click.echo(f"{target.name}: table {target.table} has {', '.join(LINEAGE_COLUMNS)}")
    return DONE


@targets.command()
@click.argument("table")
@click.option("--name", help="Of the target; else the table's.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; else it is printed.",
)
def init(table: str, name: str | None, output: Path | None) -> int:
    """Describe TABLE of the database as a target file; what it cannot say is told in comments."""
    name = name or table.rpartition(".")[2]
    for text in (name, *table.split(".")):
        if IDENTIFIER.fullmatch(text) is None:
            raise Failure(f"{text!r} is no plain name: targets know a-z, 0-9 and _ only")
    with connect(DatabaseSettings.from_env(environment()), "cli") as conn:
        text = described_table(name, table, read_table(conn, table))
    if output is None:
        click.echo(text, nl=False)
        return DONE
    write_new(output, text.encode())
    notes = [line for line in text.splitlines() if line.startswith("# ")]
    click.echo(f"{output} is written, with {len(notes)} notes on what to look at:")
    click.echo("\n".join(notes))
    return DONE


@contextmanager
def _refusals(target: TargetDefinition) -> Iterator[None]:
    """Tell what PostgreSQL says against a target's table in one line."""
    try:
        yield
    except psycopg.errors.InvalidSchemaName:
        schema = target.table.rpartition(".")[0]
        raise Failure(f"{target.name}: create the schema {schema!r} first") from None
    except psycopg.errors.UndefinedTable as error:
        raise Failure(f"{target.name}: {_first_line(error)}; create that table first") from None
    except (
        psycopg.errors.InvalidForeignKey,
        psycopg.errors.DatatypeMismatch,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.WrongObjectType,
    ) as error:
        raise Failure(f"{target.name}: PostgreSQL refuses: {_first_line(error)}") from None


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
