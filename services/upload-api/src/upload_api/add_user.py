"""`python -m upload_api.add_user`: create the user that the environment names, or update them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr

from sluice.db.pool import connect
from sluice.errors import Outage, SettingsError
from sluice.settings import DatabaseSettings
from upload_api.adapters.passwords import Passwords
from upload_api.adapters.postgres_users import find_login, upsert_user

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


class DemoUserSettings(DatabaseSettings):
    """The login to make: `SLUICE_DEMO_USER`, `SLUICE_DEMO_PASSWORD`, `SLUICE_DEMO_ROLE`."""

    demo_user: str = Field(min_length=1, max_length=200)
    demo_password: SecretStr = Field(min_length=8, max_length=1024)
    demo_role: str = Field("user", pattern="^(user|operator|admin)$")


def add_user(environ: Mapping[str, str]) -> UUID:
    """Create or update the user; return their id.

    Raises:
        SettingsError: something is not set, or does not fit.
        Outage: PostgreSQL is away.
    """
    settings = DemoUserSettings.from_env(environ)
    passwords, password = Passwords(), settings.demo_password.get_secret_value()
    with connect(settings, "add-user") as conn:
        known = find_login(conn, settings.demo_user)
        password_hash = known.password_hash if known else None
        # The same password keeps its hash: who is signed in stays so when the stack starts again
        if password_hash is None or not passwords.is_right(password, password_hash):
            password_hash = passwords.hash(password)
        return upsert_user(conn, settings.demo_user, password_hash, settings.demo_role)


def main() -> int:
    try:
        user_id = add_user(os.environ)
    except (SettingsError, Outage) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"user {os.environ['SLUICE_DEMO_USER']} is {user_id}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
