"""Where the project is on this machine, and where a stack keeps its things."""

import os
import re
import shutil
from pathlib import Path

from devstack.errors import StackError

_MARK = 'name = "sluice-workspace"'
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
LEAST_FREE_MIB = 1024


def project_root() -> Path:
    """The root of the workspace: $SLUICE_PROJECT_ROOT, or found above this file or the cwd.

    Raises:
        StackError: the workspace is not there.
    """
    given = os.environ.get("SLUICE_PROJECT_ROOT")
    if given:
        return Path(given).resolve()
    here, cwd = Path(__file__).resolve(), Path.cwd()
    for folder in (*here.parents, cwd, *cwd.parents):
        settings = folder / "pyproject.toml"
        if settings.is_file() and _MARK in settings.read_text(encoding="utf-8"):
            return folder
    raise StackError("the project's root is not found: set SLUICE_PROJECT_ROOT to its folder")


def cache_folder() -> Path:
    """What is fetched once for all stacks: $SLUICE_CACHE, or `.cache` in the project."""
    given = os.environ.get("SLUICE_CACHE")
    return Path(given) if given else project_root() / ".cache"


def stacks_folder() -> Path:
    """The folder of all stacks: $SLUICE_STACKS, or `.sluice` in the project."""
    given = os.environ.get("SLUICE_STACKS")
    return Path(given) if given else project_root() / ".sluice"


def stack_folder(name: str) -> Path:
    """The folder of one stack.

    Raises:
        StackError: the name would not make a good folder.
    """
    if not _NAME.fullmatch(name):
        raise StackError(f"{name!r} is not a stack's name: use a-z, 0-9, - and _, at most 60")
    return stacks_folder() / name


def require_space(folder: Path) -> None:
    """Refuse to start on a full disk, where Kafka and PostgreSQL fail in obscure ways.

    Raises:
        StackError: less than 1 GiB ($SLUICE_LEAST_FREE_MIB) is free.
    """
    least = int(os.environ.get("SLUICE_LEAST_FREE_MIB", LEAST_FREE_MIB))
    free = shutil.disk_usage(folder).free >> 20
    if free < least:
        raise StackError(
            f"the disk of {folder} has {free} MiB free and a stack needs {least} MiB: "
            "make room, or set SLUICE_STACKS to a folder elsewhere"
        )
