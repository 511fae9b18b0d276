"""`sluice user …` and `sluice token`: who may sign in, and as what."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click
from argon2 import PasswordHasher

from cli.exit_codes import DONE, Failure
from cli.surroundings import environment
from cli.tables import echo_table
from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.db.pool import connect
from sluice.settings import DatabaseSettings, TokenSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD_VARIABLE = "SLUICE_NEW_PASSWORD"  # noqa: S105 - the variable's name, not a password
MIN_PASSWORD_CHARACTERS = 8
_ADD = """
INSERT INTO sluice.users AS u (username, password_hash, role) VALUES (%(name)s, %(hash)s, %(role)s)
ON CONFLICT (username) DO UPDATE
   SET password_hash = excluded.password_hash, role = excluded.role, disabled = false,
       token_generation = u.token_generation + 1
"""
_LIST = """
SELECT username, role, disabled, issuer, password_hash IS NOT NULL, created_at, user_id
  FROM sluice.users ORDER BY username
"""
_FIND = "SELECT user_id, token_generation FROM sluice.users WHERE username = %s AND NOT disabled"
# A new generation ends every token that was made before
_CHANGES = {
    "disable": "disabled = true, token_generation = token_generation + 1",
    "enable": "disabled = false",
    "role": "role = %(value)s, token_generation = token_generation + 1",
    "password": "password_hash = %(value)s, token_generation = token_generation + 1",
}
ROLES = click.Choice(["user", "operator", "admin"])


@click.group()
def user() -> None:
    """Look after users."""


@user.command()
@click.argument("name")
@click.option("--role", default="user", type=ROLES)
def add(name: str, role: str) -> int:
    """Add user NAME, or set their password and role.

    The password is taken from SLUICE_NEW_PASSWORD, is asked for, or is the first line of standard
    input: never an argument, which every user of the machine can see.
    """
    environ = environment()
    settings = DatabaseSettings.from_env(environ)
    password_hash = PasswordHasher().hash(_password(environ))
    with connect(settings, "cli") as conn:
        conn.execute(_ADD, {"name": name, "hash": password_hash, "role": role})
    click.echo(f"{name} ({role}) can sign in")
    return DONE


@user.command("list")
def list_users() -> int:
    """List users: who they are, what they may, how they sign in."""
    with connect(DatabaseSettings.from_env(environment()), "cli") as conn:
        rows = conn.execute(_LIST).fetchall()
    shown = [
        [
            name,
            role,
            "disabled" if disabled else "active",
            issuer or ("password" if has_password else "nothing but tokens"),
            f"{created_at:%Y-%m-%d}",
            str(user_id),
        ]
        for name, role, disabled, issuer, has_password, created_at, user_id in rows
    ]
    echo_table(["name", "role", "state", "signs in by", "since", "id"], shown)
    return DONE


@user.command()
@click.argument("name")
def disable(name: str) -> int:
    """Disable user NAME: from now on nobody signs in as them, and their tokens have ended."""
    _change(name, "disable")
    click.echo(f"{name} is disabled; within 30 s their streams end too")
    return DONE


@user.command()
@click.argument("name")
def enable(name: str) -> int:
    """Enable user NAME again; they sign in anew."""
    _change(name, "enable")
    click.echo(f"{name} is enabled")
    return DONE


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=ROLES)
def set_role(name: str, role: str) -> int:
    """Set what user NAME is; they sign in anew."""
    _change(name, "role", role)
    click.echo(f"{name} is {role}")
    return DONE


@user.command("set-password")
@click.argument("name")
def set_password(name: str) -> int:
    """Set the password of user NAME, taken as by `add`; their tokens have ended."""
    _change(name, "password", PasswordHasher().hash(_password(environment())))
    click.echo(f"{name} has a new password")
    return DONE


def _change(name: str, change: str, value: str | None = None) -> None:
    statement = f"UPDATE sluice.users SET {_CHANGES[change]} WHERE username = %(name)s"
    with connect(DatabaseSettings.from_env(environment()), "cli") as conn:
        changed = conn.execute(statement, {"name": name, "value": value}).rowcount
    if not changed:
        raise Failure(f"there is no user {name!r}: `sluice user list` shows them")


@click.command()
@click.argument("name")
def token(name: str) -> int:
    """Print a sign-in token for user NAME."""
    environ = environment()
    keeper = TokenKeeper(TokenSettings.from_env(environ))
    if not keeper.can_issue:
        raise Failure("SLUICE_JWT_SECRET is not set: tokens come from the identity provider")
    with connect(DatabaseSettings.from_env(environ), "cli") as conn:
        row = conn.execute(_FIND, [name]).fetchone()
    if row is None:
        raise Failure(f"there is no user {name!r}, or they are disabled: `sluice user add {name}`")
    text, expires_at = keeper.issue(row[0], name, SystemClock().now(), row[1])
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
