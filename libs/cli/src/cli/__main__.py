"""`sluice`, or `python -m cli`: runs one command, and tells what went wrong in one message."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import psycopg

from cli.exit_codes import INTERRUPTED, UNUSABLE
from devstack.errors import StackError
from sluice.errors import SluiceError

if TYPE_CHECKING:
    from collections.abc import Sequence


COMMANDS = {
    "up": "cli.stack_commands:up",
    "down": "cli.stack_commands:down",
    "status": "cli.stack_commands:status",
    "import": "cli.import_command:import_file",
    "preview": "cli.preview_command:preview",
    "mappings": "cli.mappings_commands:mappings",
    "jobs": "cli.jobs_commands:jobs",
    "dlq": "cli.dlq_commands:dlq",
    "trace": "cli.trace_command:trace",
    "audit": "cli.audit_commands:audit",
    "generate": "cli.generate_command:generate",
    "check": "cli.check_command:check",
    "targets": "cli.targets_commands:targets",
    "user": "cli.user_commands:user",
    "token": "cli.user_commands:token",
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for: the Arrow library alone takes half a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sluice-cli", prog_name="sluice")
def sluice() -> None:
    """Import very large spreadsheets into PostgreSQL, and watch them arrive."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code."""
    try:
        return int(sluice.main(list(arguments), prog_name="sluice", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except (SluiceError, StackError, psycopg.Error, OSError) as error:
        click.echo(f"Error: {str(error).strip() or type(error).__name__}", err=True)
        return UNUSABLE


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
