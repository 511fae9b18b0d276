"""`make demo`: start the stack, import a generated workbook, show it live, leave the page open."""

from __future__ import annotations

import argparse
import subprocess
import sys
import webbrowser
from datetime import UTC, datetime
from pathlib import Path

from devstack.daemon import StackPlan
from devstack.errors import StackError
from devstack.lifecycle import up
from sample_data import generate_orders
from sluice.clock import SystemClock

WORKBOOKS = Path(".cache/workbooks")
BAD_SHARE = 0.002
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def demo_workbook(rows: int) -> Path:
    """Make a workbook with a few bad rows; its order numbers are new, so a demo can be repeated."""
    first_id = int((SystemClock().now() - EPOCH).total_seconds() // 10) * 1_000_000 + 1
    path = WORKBOOKS / "demo.xlsx"
    print(f"making a workbook of {rows:,} orders …", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    generate_orders(path, rows, bad_share=BAD_SHARE, start_id=first_id).write_beside(path)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="demo")
    parser.add_argument("--rows", type=int, default=200_000)
    arguments = parser.parse_args()
    try:
        found = up(StackPlan(name=arguments.name), say=print)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    path = demo_workbook(arguments.rows)
    print(f"\nimporting {path} into the table orders; watch it live at {found['gateway']}")
    print(f"sign in as {found['user']} with the password {found['password']}\n", flush=True)
    webbrowser.open(found["gateway"])
    command = [sys.executable, "-m", "cli", "import", str(path), "--target", "orders", "--follow"]
    code = subprocess.call([*command, "--stack", arguments.name])  # noqa: S603 - our own program
    print(f"\nThe page stays open at {found['gateway']}  (user {found['user']}, "
          f"password {found['password']}).\nStop everything with: make down")  # fmt: skip
    return 0 if code in {0, 1} else code


if __name__ == "__main__":
    sys.exit(main())
