"""`sluice user add` and `sluice token`: who may sign in."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click
from argon2 import PasswordHasher

from cli.exit_codes import DONE, Failure
from cli.surroundings import environment
from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.db.pool import connect
from sluice.settings import DatabaseSettings, TokenSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD_VARIABLE = "SLUICE_NEW_PASSWORD"  # noqa: S105 - the variable's name, not a password
MIN_PASSWORD_CHARACTERS = 8
_UPSERT = """
INSERT INTO sluice.users (username, password_hash, role) VALUES (%s, %s, %s)
ON CONFLICT (username) DO UPDATE
   SET password_hash = excluded.password_hash, role = excluded.role, disabled = false
"""
_FIND = "SELECT user_id FROM sluice.users WHERE username = %s AND NOT disabled"


@click.group()
def user() -> None:
    """Look after users."""


@user.command()
@click.argument("name")
@click.option("--role", default="user", type=click.Choice(["user", "operator", "admin"]))
def add(name: str, role: str) -> int:
    """Add user NAME, or set their password and role.

    The password is taken from SLUICE_NEW_PASSWORD, is asked for, or is the first line of standard
    input: never an argument, which every user of the machine can see.
    """
    environ = environment()
    settings = DatabaseSettings.from_env(environ)
    password_hash = PasswordHasher().hash(_password(environ))
    with connect(settings, "cli") as conn:
        conn.execute(_UPSERT, [name, password_hash, role])
    click.echo(f"{name} ({role}) can sign in")
    return DONE


@click.command()
@click.argument("name")
def token(name: str) -> int:
    """Print a sign-in token for user NAME."""
    environ = environment()
    keeper = TokenKeeper(TokenSettings.from_env(environ))
    with connect(DatabaseSettings.from_env(environ), "cli") as conn:
        row = conn.execute(_FIND, [name]).fetchone()
    if row is None:
        raise Failure(f"there is no user {name!r}, or they are disabled: `sluice user add {name}`")
    text, expires_at = keeper.issue(row[0], name, SystemClock().now())
    click.echo(text)
    click.echo(f"valid until {expires_at:%Y-%m-%d %H:%M} UTC", err=True)
    return DONE


def _password(environ: Mapping[str, str]) -> str:
    if PASSWORD_VARIABLE in environ:
        password = environ[PASSWORD_VARIABLE]
    elif os.isatty(sys.stdin.fileno()):
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise Failure(f"the password is shorter than {MIN_PASSWORD_CHARACTERS} characters")
    return password
