"""`python -m progress_gateway fold | settler | http`: one of the service's three processes."""

from __future__ import annotations

import os
import sys

from progress_gateway import bootstrap
from sluice.errors import SettingsError

PROCESSES = {
    "fold": bootstrap.run_fold,
    "settler": bootstrap.run_settler,
    "http": bootstrap.run_http,
}


def main() -> int:
    names = sys.argv[1:]
    if len(names) != 1 or names[0] not in PROCESSES:
        print("usage: python -m progress_gateway fold | settler | http", file=sys.stderr)  # noqa: T201
        return 2
    try:
        return PROCESSES[names[0]](os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main())
