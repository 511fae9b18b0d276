"""`make demo`: start the stack, import a generated workbook, show it live, leave the page open."""

from __future__ import annotations

import argparse
import subprocess
import sys
import webbrowser
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devstack.daemon import StackPlan
from devstack.errors import StackError
from devstack.lifecycle import up
from devstack.locks import FileLock, waiting_lock
from sample_data import generate_orders
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORKBOOKS = Path(".cache/workbooks")
BAD_SHARE = 0.002
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def turn(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other demo makes and imports the workbook of this folder."""
    lock = FileLock(folder / "demo.lock")
    if not lock.try_acquire():
        say("another demo is importing here; this one follows it …")
        with waiting_lock(folder / "demo.lock"):
            yield
        return
    try:
        yield
    finally:
        lock.release()


def first_order(now: datetime) -> int:
    """Return a number that no demo had: each second has a million of its own."""
    return int((now - EPOCH).total_seconds()) * 1_000_000 + 1


def demo_workbook(rows: int) -> Path:
    """Make a workbook with a few bad rows; its order numbers are new, so a demo can be repeated."""
    first_id = first_order(SystemClock().now())
    path = WORKBOOKS / "demo.xlsx"
    print(f"making a workbook of {rows:,} orders …", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    generate_orders(path, rows, bad_share=BAD_SHARE, start_id=first_id).write_beside(path)
    return path


def import_in_turn(found: dict[str, Any], arguments: argparse.Namespace) -> int | None:
    """Make a workbook and import it, once no other demo does; no exit code where none was made."""
    with ExitStack() as held:
        try:
            held.enter_context(turn(WORKBOOKS, print))
            path = demo_workbook(arguments.rows)
        except OSError as error:  # a full disk, a folder that is only read
            print(f"the demo's workbook cannot be made: {error}", file=sys.stderr)
            return None
        return import_one(found, path, arguments.name)


def import_one(found: dict[str, Any], path: Path, stack: str) -> int:
    """Import a workbook, followed line by line; gives the exit code."""
    print(f"\nimporting {path} into the table orders; watch it live at {found['gateway']}")
    print(f"sign in as {found['user']} with the password {found['password']}\n", flush=True)
    webbrowser.open(found["gateway"])
    command = [sys.executable, "-m", "cli", "import", str(path), "--target", "orders", "--follow"]
    return subprocess.call([*command, "--stack", stack])  # noqa: S603 - our own program


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
    if (code := import_in_turn(found, arguments)) is None:
        return 1
    print(f"\nThe page stays open at {found['gateway']}  (user {found['user']}, "
          f"password {found['password']}).\nStop everything with: make down")  # fmt: skip
    return 0 if code in {0, 1} else code


if __name__ == "__main__":
    sys.exit(main())
