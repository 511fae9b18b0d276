"""`sluice up | down | status`: the local stack."""

from __future__ import annotations

import json

import click

from cli.exit_codes import DONE, ROW_ERRORS
from cli.status_facts import lines_of
from cli.status_pages import read_facts
from devstack import lifecycle
from devstack.__main__ import described, parsed_ports
from devstack.daemon import STORAGES, StackPlan, Storage
from devstack.locations import stack_folder

NAME = click.option(
    "--name",
    "--stack",
    "name",
    envvar="SLUICE_STACK",
    default="demo",
    show_default=True,
    help="Which stack; else SLUICE_STACK.",
)


@click.command()
@NAME
@click.option("--writers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--parsers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--port", "ports", multiple=True, metavar="NAME=NUMBER", help="As gateway=8080.")
@click.option(
    "--storage",
    default="folder",
    show_default=True,
    type=click.Choice(STORAGES),
    help="Where uploaded files go; s3 is a server for trials, which forgets them in the end.",
)
@click.option("--no-services", is_flag=True, help="Only Kafka, PostgreSQL and Redis.")
def up(
    name: str,
    writers: int,
    parsers: int,
    ports: tuple[str, ...],
    *,
    storage: Storage,
    no_services: bool,
) -> int:
    """Start a stack in the background and wait until it is ready."""
    plan = StackPlan(
        name=name,
        ports=parsed_ports(list(ports)),
        with_services=not no_services,
        parsers=parsers,
        writers=writers,
        storage=storage,
    )
    found = lifecycle.up(plan, say=lambda line: click.echo(line, err=True))
    click.echo(described(found), nl=False)
    return DONE


@click.command()
@NAME
@click.option("--delete", is_flag=True, help="Delete its data, too.")
def down(name: str, *, delete: bool) -> int:
    """End a stack, and whatever a crash of it has left."""
    is_there = stack_folder(name).exists()
    lifecycle.down(name, delete=delete)
    told = f"the stack {name} is down" if is_there else f"there is no stack {name}: nothing to end"
    click.echo(told, err=True)
    return DONE


@click.command()
@NAME
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(name: str, *, as_json: bool) -> int:
    """Show a stack's addresses, processes, and how its imports go; exit code 0 when it is ready."""
    found = lifecycle.status(name)
    facts = read_facts([process["ready_url"] for process in found.get("processes", ())])
    if as_json:
        click.echo(json.dumps(found | {"facts": facts}, indent=2))
    else:
        click.echo(described(found).rstrip("\n"))
        if facts is not None:
            click.echo("\n".join(lines_of(facts)))
    return DONE if found["phase"] == "ready" else ROW_ERRORS
