"""The command line of the stack: `python -m devstack up | down | status | install`."""

import argparse
import json
import os
import sys
from typing import Any

from devstack import daemon
from devstack.daemon import STORAGES, StackPlan
from devstack.endpoints import native_parts
from devstack.errors import StackError
from devstack.install import install_missing
from devstack.kafka_training import offer_archive
from devstack.lifecycle import down, status, up


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit code, 1 with one message when it could not be done."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    commands = parser.add_subparsers(required=True)
    start = commands.add_parser("up", help="start a stack and wait until it is ready")
    start.add_argument("--name", default="demo")
    start.add_argument("--port", action="append", default=[], metavar="NAME=NUMBER",
                       help="a fixed port, such as gateway=8080")  # fmt: skip
    start.add_argument("--writers", type=int, default=1)
    start.add_argument("--parsers", type=int, default=1)
    start.add_argument("--storage", choices=STORAGES, default="folder",
                       help="where uploaded files go; s3 forgets them with the stack")  # fmt: skip
    start.add_argument("--no-services", action="store_true",
                       help="only Kafka, PostgreSQL and Redis")  # fmt: skip
    start.set_defaults(run=_up)
    end = commands.add_parser("down", help="end a stack and whatever a crash of it has left")
    end.add_argument("--name", default="demo")
    end.add_argument("--delete", action="store_true", help="delete its data, too")
    end.set_defaults(run=lambda given: down(given.name, delete=given.delete))
    show = commands.add_parser("status", help="addresses, login, processes")
    show.add_argument("--name", default="demo")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_status)
    install = commands.add_parser(
        "install", help="install missing system packages (Debian, Ubuntu)"
    )
    install.set_defaults(run=lambda _: _install())
    behind = commands.add_parser("daemon")
    behind.add_argument("plan", type=StackPlan.from_json)
    behind.set_defaults(run=lambda given: daemon.run(given.plan))
    return parser


def _install() -> None:
    natively = native_parts(os.environ)
    install_missing(natively)
    offer_archive(natively)


def _up(given: argparse.Namespace) -> None:
    plan = StackPlan(
        name=given.name,
        ports=parsed_ports(given.port),
        with_services=not given.no_services,
        parsers=given.parsers,
        writers=given.writers,
        storage=given.storage,
    )
    sys.stdout.write(described(up(plan)))


def _status(given: argparse.Namespace) -> int:
    found = status(given.name)
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if given.json else described(found))
    return 0 if found["phase"] == "ready" else 1


def parsed_ports(given: list[str]) -> dict[str, int]:
    """`["gateway=8080"]` as a mapping.

    Raises:
        StackError: an entry is not NAME=NUMBER.
    """
    ports = {}
    for entry in given:
        name, _, number = entry.partition("=")
        if not (name and number.isdecimal() and int(number) < 1 << 16):
            raise StackError(f"--port {entry}: write NAME=NUMBER, such as gateway=8080")
        ports[name] = int(number)
    return ports


def described(found: dict[str, Any]) -> str:
    """A status for people."""
    lines = [f"{found['name']}: {found['phase']}"]
    lines += [f"  {key:<10} {found[key]}"
              for key in ("gateway", "uploadApi", "kafka", "postgres", "redis", "s3", "user",
                          "password", "reader", "logs", "error") if key in found]  # fmt: skip
    for process in found.get("processes", []):
        ready = "ready" if process["ready"] else f"NOT ready: {process['why_not_ready']}"
        again = f", restarted {process['restarts']} times" if process["restarts"] else ""
        lines.append(f"  {process['name']:<18} pid {process['pid']}, {ready}{again}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
