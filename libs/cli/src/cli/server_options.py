"""The options that name a server and a login, the same for every command that speaks HTTP."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from cli.exit_codes import Failure
from devstack.lifecycle import status as stack_status
from sluice_client import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--stack",
        envvar="SLUICE_STACK",
        default="demo",
        show_default=True,
        help="The stack to speak to; else SLUICE_STACK.",
    ),
    click.option(
        "--url", envvar="SLUICE_URL", help="A server, instead of a stack of this machine."
    ),
    click.option("--user", envvar="SLUICE_USER"),
    click.option("--password", envvar="SLUICE_PASSWORD", help="Better in SLUICE_PASSWORD."),
    click.option("--token", envvar="SLUICE_TOKEN", help="Better in SLUICE_TOKEN."),
)


def server_options(command: Command) -> Command:
    """Give a command the options; it gets them as one `server`."""

    @wraps(command)
    def with_server(
        *args: Any,
        stack: str,
        url: str | None,
        user: str | None,
        password: str | None,
        token: str | None,
        **more: Any,
    ) -> Any:
        server = server_of(stack, url, user, password, token)
        return command(*args, server=server, **more)

    wrapped: Command = with_server
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def server_of(
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
