"""What tests of the whole stack share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from devstack import Stack


@pytest.fixture(scope="session")
def leftovers(stack: Stack) -> Callable[[], list[str]]:
    """Return a function that lists what those who read files have left behind.

    They start afresh for it, with a folder of their own for temporary files.
    """
    folder = stack.folder / "temporary"
    folder.mkdir()
    for service in ("upload-api", "parser"):
        stack.set_env(service, {"TMPDIR": str(folder)})
        stack.restart(service)

    def left() -> list[str]:
        # The parser's own socket, to start readers by, is there as long as it runs
        temporary = [path for path in folder.iterdir() if not path.name.startswith("pymp-")]
        return [str(path) for path in (*temporary, *(stack.folder / "files").glob(".*.part"))]

    return left
