"""What a command is told by the environment, or else by the stack that runs on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from cli.exit_codes import Failure
from devstack.lifecycle import status
from devstack.locations import project_root
from import_targets import TargetDefinition, load_targets


def environment() -> dict[str, str]:
    """Return the environment with what it lacks filled in from SLUICE_STACK, else the stack demo.

    Raises:
        Failure: there is no database in the environment and no such stack is up.
    """
    given = dict(os.environ)
    if "SLUICE_DATABASE_URL" in given or "SLUICE_DATABASE_URL_FILE" in given:
        return given
    stack = given.get("SLUICE_STACK", "demo")
    found = status(stack)
    if "postgres" not in found:
        raise Failure(
            f"SLUICE_DATABASE_URL is not set and the stack {stack!r} is {found['phase']}: "
            "set it, name the running stack in SLUICE_STACK, or run `sluice up`"
        )
    filled = {"SLUICE_DATABASE_URL": str(found["postgres"])}
    secret = Path(str(found["folder"])) / "jwt.secret"
    if "SLUICE_JWT_SECRET" not in given and secret.is_file():
        filled["SLUICE_JWT_SECRET_FILE"] = str(secret)
    return given | filled


def known_targets(folder: Path | None) -> dict[str, TargetDefinition]:
    """Return the targets of a folder, of SLUICE_TARGETS_DIR, or of the project.

    Raises:
        TargetError: a file is wrong; the message lists every fault of every file.
        StackError: no folder is given and this is not the project.
    """
    given = folder or os.environ.get("SLUICE_TARGETS_DIR") or project_root() / "targets"
    return load_targets(Path(given))


def target_named(name: str, folder: Path | None) -> TargetDefinition:
    """Return one target; raises `Failure` that names the known ones."""
    targets = known_targets(folder)
    if name not in targets:
        raise Failure(f"there is no target {name!r}; the known ones: {', '.join(sorted(targets))}")
    return targets[name]
