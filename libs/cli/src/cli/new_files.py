"""Writes files for people, and never over one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.exit_codes import Failure

if TYPE_CHECKING:
    from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Write a file; raises `Failure` where there is one of its name."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise Failure(f"{path} is there already; name another with -o, or remove it") from None
