"""`python -m sluice.db migrate`: bring the database to the current schema."""

from __future__ import annotations

import os
import sys

from sluice.db.migrate import migrate
from sluice.errors import SettingsError
from sluice.settings import DatabaseSettings


def main() -> int:
    if sys.argv[1:] != ["migrate"]:
        print("usage: python -m sluice.db migrate", file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = DatabaseSettings.from_env(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    names = migrate(settings.database_url.get_secret_value())
    print(f"migrations applied: {', '.join(names) or 'none, all were there'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
